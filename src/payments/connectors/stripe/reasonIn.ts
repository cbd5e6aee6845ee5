import type { JsonObject } from "../../../lib/parseJson.js";
import { isObject, jsonIn, textAt } from "../json.js";

/** What Stripe says of an error; "" if it says nothing. */
export function reasonIn(body: string): string {
  const object = errorObjectIn(body);
  return object === null ? "" : textAt(object, "message");
}

/** Stripe's object for an error; null if `body` has none. */
export function errorObjectIn(body: string): JsonObject | null {
  const json = jsonIn(body);
  const error = isObject(json) ? json.get("error") : null;
  return isObject(error) ? error : null;
}
