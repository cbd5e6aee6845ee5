import type { Json, JsonObject } from "../../../lib/parseJson.js";

// Members of what Stripe answers. What is missing, or of another type, is "".

export const isObject = (json: Json | undefined): json is JsonObject => json instanceof Map;

export function textAt(object: JsonObject, key: string): string {
  const value = object.get(key);
  return typeof value === "string" ? value : "";
}

/** The number at `key`, as it was written. */
export function numberAt(object: JsonObject, key: string): string {
  const value = object.get(key);
  return typeof value === "object" && value !== null && "token" in value ? value.token : "";
}

/** The id at `key`, or of the object there: Stripe sends either. */
export function idAt(object: JsonObject, key: string): string {
  const value = object.get(key);
  const id = isObject(value) ? textAt(value, "id") : textAt(object, key);
  return /^[!-~]{1,255}$/.test(id) ? id : "";
}
