// `npm test`, from a fresh clone on: installs, builds, runs vitest with the arguments given.
import { prepare, run } from "./prepare.mjs";

prepare();
run("npm", ["run", "build", "--workspace", "sdk", "--if-present"]);
process.argv.splice(2, 0, "run");
await import("../node_modules/vitest/vitest.mjs");
