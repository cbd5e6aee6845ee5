import { createPublicKey, type KeyObject } from "node:crypto";
import { type JWTHeaderParameters, type JWTPayload, errors as jose, jwtVerify } from "jose";
import { fail, ok, type Result } from "../../lib/result.js";
import type { Clock } from "../../lib/time.js";
import type { TokenRefusal } from "../domain/accessToken.js";
import type { Keyring } from "../keys/keyring.js";

export interface SignatureOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly keyring: Pick<Keyring, "current" | "refresh" | "onChange">;
  readonly clock: Clock;
}

/** The clocks of processes on one database may differ by this much; a token from later on is none of ours. */
const CLOCKS_APART_MS = 60_000;

/** The claims of an access token that we have signed and that is valid now. */
export type CheckSignature = (token: string) => Promise<Result<JWTPayload, TokenRefusal>>;

export function signatureChecker({
  issuer,
  audience,
  keyring,
  clock,
}: SignatureOptions): CheckSignature {
  let keys = publicKeys(keyring);
  keyring.onChange(() => {
    keys = publicKeys(keyring);
  });

  /** Another process may have signed with a key that we have not heard of yet. */
  async function findKey({ kid = "" }: JWTHeaderParameters): Promise<KeyObject> {
    if (!keys.has(kid)) await keyring.refresh();
    const key = keys.get(kid);
    if (key === undefined) throw new jose.JWKSNoMatchingKey();
    return key;
  }

  return async (token) => {
    const nowMs = Number(clock() / 1000n);
    try {
      const { payload } = await jwtVerify(token, findKey, {
        algorithms: ["RS256"],
        typ: "at+jwt",
        issuer,
        audience,
        requiredClaims: ["exp", "iat", "jti", "sub", "client_id", "client_id_issued_at"],
        currentDate: new Date(nowMs),
      });
      if ((payload.iat ?? 0) * 1000 > nowMs + CLOCKS_APART_MS) {
        return fail({ kind: "token-invalid", detail: '"iat" is in the future' });
      }
      return ok(payload);
    } catch (error) {
      if (error instanceof jose.JWTExpired) return fail({ kind: "token-expired" });
      if (error instanceof jose.JOSEError) {
        return fail({ kind: "token-invalid", detail: error.message });
      }
      throw error;
    }
  };
}

/** By id. */
const publicKeys = (keyring: Pick<Keyring, "current">): ReadonlyMap<unknown, KeyObject> =>
  new Map(
    keyring.current().signing.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]),
  );
