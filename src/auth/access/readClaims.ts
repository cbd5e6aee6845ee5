import type { JWTPayload } from "jose";
import { fail, ok, type Result } from "../../lib/result.js";
import type { TokenClaims, TokenRefusal } from "../domain/accessToken.js";
import { parseScopes } from "../domain/scopes.js";

/** What an access token of ours states: a machine's speaks for its client, a person's names the login it came of. */
export function readClaims(payload: JWTPayload): Result<TokenClaims, TokenRefusal> {
  const { sub, exp, jti, scope, grant = null } = payload;
  const { client_id: clientId, client_id_issued_at: clientIssuedAt } = payload;
  if (typeof sub !== "string" || typeof clientId !== "string" || typeof jti !== "string") {
    return invalid("claims are missing");
  }
  if (!isSeconds(exp) || typeof clientIssuedAt !== "number") {
    return invalid("its times are no numbers");
  }
  if (scope !== undefined && typeof scope !== "string") return invalid("its scope is not a text");
  if (grant !== null && typeof grant !== "string") return invalid("its grant is not a text");
  if (grant === null && sub !== clientId) return invalid("it is a person's, without a login");
  if (grant !== null && scope === undefined) return invalid("it is a person's, without a scope");
  return ok({
    kind: grant === null ? "client" : "user",
    subject: sub,
    clientId,
    clientIssuedAt,
    scopes: scope === undefined ? null : new Set(parseScopes(scope)),
    expiresAt: BigInt(exp) * 1_000_000n,
    jti,
    grant,
  });
}

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value);

const invalid = (detail: string) => fail({ kind: "token-invalid", detail });
