import { type Json, type JsonObject, JsonSyntaxError, parseJson } from "../../lib/parseJson.js";
import { ProviderError } from "./connector.js";

/** The JSON that `text` is; null if it is none. */
export function jsonIn(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return null;
    throw error;
  }
}

export const isObject = (json: Json | undefined): json is JsonObject => json instanceof Map;

/** What `json` holds where `path` leads; undefined if it leads nowhere. */
function at(json: Json | undefined, path: readonly string[]): Json | undefined {
  let found = json;
  for (const key of path) found = isObject(found) ? found.get(key) : undefined;
  return found;
}

/** A text, or a number as it was written, where `path` leads; "" if there is neither. */
export function textAt(json: Json | undefined, ...path: readonly string[]): string {
  const found = at(json, path);
  if (typeof found === "string") return found;
  return tokenOf(found);
}

/** A number as it was written, where `path` leads; "" if there is none. */
export const numberAt = (json: Json | undefined, ...path: readonly string[]): string =>
  tokenOf(at(json, path));

const tokenOf = (json: Json | undefined): string =>
  typeof json === "object" && json !== null && "token" in json ? json.token : "";

/** The list where `path` leads. An answer without one is not the answer that was asked for. */
export function listAt(json: Json, ...path: readonly string[]): readonly Json[] {
  const found = at(json, path);
  if (Array.isArray(found)) return found;
  throw new ProviderError(`answered JSON without the list ${path.join(".")}`.trimEnd());
}

/** What a provider has said, short enough for a message. */
export const show = (text: string): string => JSON.stringify(text.slice(0, 50));
