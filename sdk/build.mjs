// Builds the package into dist/, which mirrors the repository (dist/sdk/src beside dist/gen), so that the
// relative imports of the sources hold there as they are. The generated code is copied, not committed twice.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const sdk = dirname(fileURLToPath(import.meta.url));
const dist = join(sdk, "dist");
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(typescript, "bin", "tsc"), "-p", sdk], { stdio: "inherit" });
for (const room of ["florin", "google"]) {
  cpSync(join(sdk, "..", "gen", room), join(dist, "gen", room), { recursive: true });
}
cpSync(join(sdk, "..", "LICENSE"), join(dist, "LICENSE"));
