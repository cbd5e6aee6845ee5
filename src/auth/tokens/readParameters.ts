import { fail, ok, type Result } from "../../lib/result.js";
import type { HttpRequest } from "../../server/handler.js";
import { type OAuthAnswer, oauthError } from "../oidc/answer.js";
import { readForm } from "../oidc/readForm.js";

/** What a form says; a parameter without a value is as good as none (RFC 6749, section 3.1). */
export type Parameters = ReadonlyMap<string, string>;

/** The parameters of a form post. None may come twice. */
export async function readParameters(
  request: HttpRequest,
): Promise<Result<Parameters, OAuthAnswer>> {
  const form = await readForm(request);
  if (form === null) return invalid("the parameters belong in a form in the body");
  const parameters = new Map<string, string>();
  const names = new Set<string>();
  for (const [name, value] of new URLSearchParams(form)) {
    if (names.has(name)) return invalid("a parameter came twice");
    names.add(name);
    if (value !== "") parameters.set(name, value);
  }
  return ok(parameters);
}

const invalid = (description: string) => fail(oauthError(400, "invalid_request", description));
