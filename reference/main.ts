import { readFileSync, writeFileSync } from "node:fs";
import { createDocument } from "./document.js";
import { readProtos } from "./readProtos.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** Writes the document to the path that is given. */
const [path = "gen/openapi.json"] = process.argv.slice(2);
const document = createDocument({
  ...readProtos(),
  version: JSON.parse(read("../package.json")).version,
  introduction: read("introduction.md"),
  examples: JSON.parse(read("examples/examples.json")),
});
writeFileSync(path, `${JSON.stringify(document, null, 1)}\n`);
