import type { Json } from "../../lib/parseJson.js";

/** A member of an object; undefined if `json` is no object, or has no such member. */
export const memberOf = (json: Json | undefined, key: string): Json | undefined =>
  json instanceof Map ? json.get(key) : undefined;

/** A text, or a number as it was written; "" for anything else. */
export function textOf(json: Json | undefined): string {
  if (typeof json === "string") return json;
  return typeof json === "object" && json !== null && "token" in json ? json.token : "";
}
