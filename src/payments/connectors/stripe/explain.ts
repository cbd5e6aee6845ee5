import { type JsonObject, JsonSyntaxError, parseJson } from "../../../lib/parseJson.js";
import { ProviderError } from "../connector.js";
import { isObject, textAt } from "./fields.js";

/** `error`, with what Stripe says of it. */
export function explained(error: ProviderError, apiKey: string): ProviderError {
  const reason = reasonOf(error, apiKey);
  if (reason === "") return error;
  const { status, body } = error;
  return new ProviderError(`${error.message}: ${reason}`, { status, body, cause: error });
}

/** What Stripe says of `error`; "" if it says nothing. */
export function reasonOf({ body }: ProviderError, apiKey: string): string {
  const object = errorObjectIn(body);
  return object === null ? "" : textAt(object, "message").replaceAll(apiKey, "***");
}

/** Stripe's object for an error; null if `body` has none. */
export function errorObjectIn(body: string): JsonObject | null {
  try {
    const json = parseJson(body);
    const error = isObject(json) ? json.get("error") : null;
    return isObject(error) ? error : null;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return null;
    throw error;
  }
}
