import { fail, ok, type Result } from "../../lib/result.js";

/**
 * `given` without a slash at its end, if that is one of the provider's `own` URLs or where the operator says that the
 * provider is: nobody has us ask about in private networks. Else what is wrong with it.
 */
export function allowedUrl(
  name: string,
  given: string,
  own: readonly string[],
  apiUrl: string | null,
): Result<string, string> {
  const url = given.replace(/\/+$/, "");
  const allowed = apiUrl === null ? own : [...own, apiUrl];
  return allowed.includes(url) ? ok(url) : fail(`${name} must be one of ${allowed.join(", ")}`);
}
