import type { Db } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { HttpRequest } from "../../server/handler.js";
import { toApiError } from "../../server/unwrap.js";
import { readToken } from "../access/authenticate.js";
import { type AccessRefusal, accessCodes } from "../access/errors.js";
import type { Verifier } from "../access/verifyAccessToken.js";
import { type OAuthAnswer, oauthError, writeOAuth } from "../oidc/answer.js";
import type { Endpoint } from "../oidc/handler.js";
import { emailClaims } from "./emailClaims.js";
import { readParameters } from "./readParameters.js";

export interface UserinfoOptions {
  readonly db: Db;
  readonly verify: Verifier["verify"];
}

/** Tells whoever shows a person's access token who that person is, as far as the token's scopes go. */
export const userinfo =
  (options: UserinfoOptions): Endpoint =>
  async ({ request, response }) => {
    const token = await findToken(request);
    writeOAuth(response, token.ok ? await describe(options, token.value) : token.failure);
  };

async function describe({ db, verify }: UserinfoOptions, token: string): Promise<OAuthAnswer> {
  const verdict = await verify(token);
  if (!verdict.ok) return refuse("invalid_token", verdict.failure);
  const { kind, subject, scopes } = verdict.value;
  if (kind !== "user" || !scopes?.has("openid")) {
    return refuse("insufficient_scope", { kind: "scope-missing", scope: "openid" });
  }
  const email = await emailClaims(db, subject, scopes);
  return { status: 200, body: { sub: subject, ...email } };
}

/** The token that a request shows: in its header, or in its form, and nowhere else (RFC 6750, section 2). */
async function findToken(request: HttpRequest): Promise<Result<string, OAuthAnswer>> {
  const { authorization, "content-type": type } = request.headers;
  const isForm = request.method === "POST" && type !== undefined;
  const parameters = isForm ? await readParameters(request) : ok(new Map<string, string>());
  if (!parameters.ok) return parameters;
  const inForm = parameters.value.get("access_token");
  if (authorization !== undefined && inForm !== undefined) {
    return fail(oauthError(400, "invalid_request", "a token belongs in the header or the form"));
  }
  const token = authorization === undefined ? inForm : readToken(authorization);
  if (token !== undefined && token !== null) return ok(token);
  return fail(refuse("invalid_token", { kind: "token-missing" }));
}

/** A refusal of RFC 6750, section 3, in the words that RPCs use. */
function refuse(error: string, refusal: AccessRefusal): OAuthAnswer {
  const { rawMessage, metadata } = toApiError(refusal, accessCodes);
  const status = refusal.kind === "scope-missing" ? 403 : 401;
  return oauthError(status, error, rawMessage, Object.fromEntries(metadata));
}
