import { readFileSync } from "node:fs";

/** Version of this Florin, e.g. "v0.1.0". */
export const version: string = `v${
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version
}`;
