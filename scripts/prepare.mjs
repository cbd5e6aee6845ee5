// Plain Node without dependencies: this runs before anything is installed.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Installs and builds whatever is not there yet, or older than what it is made from. */
export function prepare() {
  checkNode();
  if (changed("node_modules/.package-lock.json") < changed("package-lock.json")) {
    // Not `npm ci`, which begins by deleting, and wants every platform's packages in the lock file. Development
    // packages too, where NODE_ENV=production would leave them out: the build needs TypeScript.
    run("npm", ["install", "--no-save", "--include=dev", "--no-audit", "--no-fund"]);
  }
  build();
}

/** Builds `dist`, unless it is younger than all that it is made from. */
export function build() {
  const sources = ["src", "gen", "tsconfig.json", "tsconfig.build.json", "package-lock.json"];
  if (changed(STAMP) >= Math.max(...sources.map(changed))) return;
  const begin = new Date();
  run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]);
  writeFileSync(join(root, STAMP), "");
  // What is edited during the build is newer than the build.
  utimesSync(join(root, STAMP), begin, begin);
}

const STAMP = "dist/.built";

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Florin needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** When `path`, or the youngest thing in it, last changed; 0 if there is no such thing. */
function changed(path) {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = readdirSync(join(root, path)).map((name) => changed(join(path, name)));
  return Math.max(stats.mtimeMs, ...inside);
}

export function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
