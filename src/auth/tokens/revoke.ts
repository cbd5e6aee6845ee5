import type { Provider } from "oidc-provider/lib/provider.js";
import type { Verifier } from "../access/verifyAccessToken.js";
import { type OAuthAnswer, oauthError } from "../oidc/answer.js";
import type { Endpoint } from "../oidc/handler.js";
import { putRevokedToken } from "../store/revokedTokens.js";
import type { AuthenticateClientOptions, ClientLogin } from "./authenticateClient.js";
import { clientEndpoint } from "./clientEndpoint.js";
import type { Parameters } from "./readParameters.js";
import { endLogin, findRefreshToken } from "./refreshTokens.js";

export interface RevocationOptions
  extends AuthenticateClientOptions,
    Pick<Verifier, "verify" | "forget"> {
  readonly currentProvider: () => Provider;
}

/**
 * Ends a token of the client's own (RFC 7009). An access token dies alone; with a refresh token, used or not, dies all
 * that its login has given. What is dead or unknown is as wanted. `token_type_hint` is not needed.
 */
export const revoke = (options: RevocationOptions): Endpoint =>
  clientEndpoint(options, (login, parameters) => answer(options, login, parameters));

async function answer(
  options: RevocationOptions,
  { clientId }: ClientLogin,
  parameters: Parameters,
): Promise<OAuthAnswer> {
  const { db, verify, forget } = options;
  const token = parameters.get("token");
  if (token === undefined) return oauthError(400, "invalid_request", "token is missing");
  const verdict = await verify(token);
  if (!verdict.ok) return revokeRefreshToken(options, clientId, token);
  const access = verdict.value;
  if (access.clientId !== clientId) return ANOTHERS;
  await putRevokedToken(db, access);
  forget(({ jti }) => jti === access.jti);
  return DONE;
}

async function revokeRefreshToken(
  { currentProvider }: RevocationOptions,
  clientId: string,
  token: string,
): Promise<OAuthAnswer> {
  const found = await findRefreshToken(currentProvider(), token);
  if (found === null) return DONE;
  if (found.clientId !== clientId) return ANOTHERS;
  await endLogin(currentProvider(), found);
  return DONE;
}

const DONE: OAuthAnswer = { status: 200 };

/** RFC 6749, section 5.2, has this code for what "was issued to another client". */
const ANOTHERS = oauthError(400, "invalid_grant", "the token was issued to another client");
