// Fails if the registry knows a vulnerability in anything of package-lock.json. Where it does not answer, nothing is known,
// and that is said; with AUDIT_REQUIRED=1, for releases, that fails too.
import { spawnSync } from "node:child_process";

// Not all registries tell: a mirror may serve packages alone.
const { stdout } = spawnSync("npm", ["audit", "--json", "--fetch-retries=0"], { encoding: "utf8" });
const report = parse(stdout);
if (report?.vulnerabilities === undefined || report.error !== undefined) {
  console.log("Known vulnerabilities: NOT CHECKED, the package registry does not tell of any.");
  process.exit(process.env.AUDIT_REQUIRED === "1" ? 1 : 0);
}
const found = Object.values(report.vulnerabilities);
for (const { name, severity, via } of found) {
  const titles = via.map((it) => it.title ?? `through ${it}`).join("; ");
  console.log(`${name} is vulnerable (${severity}): ${titles}`);
}
console.log(`Known vulnerabilities: ${found.length}`);
process.exit(found.length === 0 ? 0 : 1);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
