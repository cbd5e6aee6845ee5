import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** What the heap holds once everything is collected that nobody can reach. */
export function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
