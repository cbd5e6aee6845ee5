import { decodeJwt } from "jose";
import type { Provider } from "oidc-provider/lib/provider.js";
import type { Verifier } from "../access/verifyAccessToken.js";
import { parseScopes } from "../domain/scopes.js";
import { type OAuthAnswer, oauthError } from "../oidc/answer.js";
import type { Endpoint } from "../oidc/handler.js";
import type { AuthenticateClientOptions, ClientLogin } from "./authenticateClient.js";
import { clientEndpoint } from "./clientEndpoint.js";
import { emailClaims } from "./emailClaims.js";
import type { Parameters } from "./readParameters.js";
import { findRefreshToken, isLive } from "./refreshTokens.js";

export interface IntrospectionOptions extends AuthenticateClientOptions {
  readonly issuer: string;
  readonly verify: Verifier["verify"];
  readonly currentProvider: () => Provider;
}

/**
 * Tells a client what a token is worth (RFC 7662): of its own tokens; a trusted client, of everybody's. Any other token
 * is inactive, whyever. `token_type_hint` is not needed.
 */
export const introspect = (options: IntrospectionOptions): Endpoint =>
  clientEndpoint(options, (login, parameters) => answer(options, login, parameters));

async function answer(
  options: IntrospectionOptions,
  login: ClientLogin,
  parameters: Parameters,
): Promise<OAuthAnswer> {
  if (login.isPublic) {
    return oauthError(401, "invalid_client", "only a client with a secret may ask");
  }
  const token = parameters.get("token");
  if (token === undefined) return oauthError(400, "invalid_request", "token is missing");
  const found = (await describeAccess(options, token)) ?? (await describeRefresh(options, token));
  const isTheirs = found !== null && (login.isTrusted || found.client_id === login.clientId);
  if (!isTheirs) return { status: 200, body: { active: false } };
  const email = await emailClaims(options.db, found.sub, parseScopes(found.scope ?? ""));
  return { status: 200, body: { active: true, ...found, ...email } };
}

async function describeAccess({ verify }: IntrospectionOptions, token: string) {
  const verdict = await verify(token);
  if (!verdict.ok) return null;
  const { clientId: client_id, subject: sub, scopes } = verdict.value;
  // An unrestricted client's has none to tell.
  const scope = scopes === null ? undefined : [...scopes].join(" ");
  const { iss, aud, jti, iat, exp } = decodeJwt(token);
  return { scope, client_id, sub, token_type: "Bearer", exp, iat, iss, aud, jti };
}

async function describeRefresh({ issuer, currentProvider }: IntrospectionOptions, token: string) {
  const found = await findRefreshToken(currentProvider(), token);
  if (found === null || !(await isLive(currentProvider(), found))) return null;
  const { clientId: client_id, userId: sub, scope, issuedAt: iat, expiresAt: exp } = found;
  return { scope, client_id, sub, exp, iat, iss: issuer };
}
