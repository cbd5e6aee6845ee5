// Checks the protos: lint, format, compatibility, and whether gen/ is what they generate, OpenAPI document included.
// All four run, whatever the first ones find; the exit code is 1 if anything is wrong.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";

process.chdir(join(import.meta.dirname, ".."));
const PATH = `${join(process.cwd(), "node_modules/.bin")}${delimiter}${process.env.PATH}`;

const run = (command, ...args) =>
  spawnSync(command, args, { encoding: "utf8", env: { ...process.env, PATH } });

/** What `command` complains of; "" when it is content. */
function complaint(command, ...args) {
  const { status, stdout, stderr, error } = run(command, ...args);
  if (error !== undefined) return `${command} did not run: ${error.message}`;
  return status === 0 ? "" : stdout + stderr || `${command} ${args[0]} ended with ${status}`;
}

const buf = (...args) => complaint("buf", ...args);

/** The last release; before the first one, and where git or its tags are missing, the committed image. */
function lastPublished() {
  const tag = run("git", "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*");
  if (tag.status !== 0) return "proto/baseline.binpb";
  const repository = run("git", "rev-parse", "--git-common-dir").stdout.trim();
  return `${repository}#format=git,tag=${tag.stdout.trim()}`;
}

/** Text of every file below `folder`, by its path from there. */
const readTree = (folder) =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), readFileSync(path, "utf8")]),
  );

/** Names the files of gen/ that are not what the protos generate now; "" when all are. */
function staleFiles() {
  const fresh = mkdtempSync(join(tmpdir(), "florin-gen-"));
  try {
    const failure =
      buf("generate", "-o", fresh) ||
      complaint("tsx", "reference/main.ts", `${fresh}/gen/openapi.json`);
    if (failure !== "") return failure;
    const expected = readTree(join(fresh, "gen"));
    const present = readTree("gen");
    return [...new Set([...expected.keys(), ...present.keys()])]
      .filter((path) => expected.get(path) !== present.get(path))
      .map((path) => `gen/${path}`)
      .join("\n");
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

const against = lastPublished();
const findings = {
  "buf lint": buf("lint"),
  "buf format (mend with: npx buf format -w)": buf("format", "--diff", "--exit-code"),
  [`buf breaking, against ${against}`]: buf("breaking", "--against", against),
  "generated code (mend with: npm run generate)": staleFiles(),
};
for (const [check, problem] of Object.entries(findings)) {
  console.log(problem === "" ? `ok      ${check}` : `FAILED  ${check}\n${problem.trimEnd()}`);
}
process.exitCode = Object.values(findings).every((problem) => problem === "") ? 0 : 1;
