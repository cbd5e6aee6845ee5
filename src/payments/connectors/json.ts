import type { Json } from "../../lib/parseJson.js";
import { ProviderError } from "./connector.js";

/** What `json` holds where `path` leads; undefined if it leads nowhere. */
function at(json: Json | undefined, path: readonly string[]): Json | undefined {
  let found = json;
  for (const key of path) found = found instanceof Map ? found.get(key) : undefined;
  return found;
}

/** A text, or a number as it was written, where `path` leads; "" if there is neither. */
export function textAt(json: Json | undefined, ...path: readonly string[]): string {
  const found = at(json, path);
  if (typeof found === "string") return found;
  return typeof found === "object" && found !== null && "token" in found ? found.token : "";
}

/** The list where `path` leads. An answer without one is not the answer that was asked for. */
export function listAt(json: Json, ...path: readonly string[]): readonly Json[] {
  const found = at(json, path);
  if (Array.isArray(found)) return found;
  throw new ProviderError(`answered JSON without the list ${path.join(".")}`.trimEnd());
}

/** What a provider has said, short enough for a message. */
export const show = (text: string): string => JSON.stringify(text.slice(0, 50));
