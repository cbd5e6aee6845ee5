import type { JsonObject } from "../../../lib/parseJson.js";
import { textAt } from "../json.js";

/** The id at `key`, or of the object there: Stripe sends either. */
export function idAt(object: JsonObject, key: string): string {
  const id = textAt(object, key) || textAt(object, key, "id");
  return /^[!-~]{1,255}$/.test(id) ? id : "";
}
