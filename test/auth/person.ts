import { createHash, randomUUID } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import { issuedAt } from "../../src/auth/domain/accessToken.js";
import { loadAuthKeys } from "../../src/auth/keys/authKeys.js";
import { oidcAdapter } from "../../src/auth/oidc/adapter.js";
import { putLogin } from "../../src/auth/store/users.js";
import type { Db } from "../../src/db/database.js";
import { CLIENT, ENCRYPTION_KEY, PUBLIC_URL } from "./startAuth.js";

export interface Person {
  readonly userId: string;
  readonly grantId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Ends the login, as oidc-provider does. */
  logOut(): Promise<void>;
}

const HOUR = 3600;

/** A person who has logged in at a client, with tokens of these scopes; written down as the endpoints do it. */
export async function logInPerson(
  db: Db,
  {
    scope = "openid email",
    clientId = CLIENT.id,
    email = "maria@example.com",
    type = "at+jwt",
  } = {},
): Promise<Person> {
  const [userId, grantId, refreshToken] = [
    await putLogin(db, {
      issuer: "https://login.example.com",
      subject: randomUUID(),
      email,
      isEmailVerified: true,
    }),
    randomUUID(),
    randomUUID(),
  ];
  const iat = Math.floor(Date.now() / 1000);
  const login = { clientId, accountId: userId, iat, exp: iat + HOUR };
  const grants = oidcAdapter(db, [ENCRYPTION_KEY], "Grant");
  await grants.upsert(grantId, { ...login, kind: "Grant", jti: grantId }, HOUR);
  await oidcAdapter(db, [ENCRYPTION_KEY], "RefreshToken").upsert(
    refreshToken,
    { ...login, kind: "RefreshToken", jti: refreshToken, grantId, scope, gty: "" },
    HOUR,
  );
  return {
    userId,
    grantId,
    refreshToken,
    accessToken: await signToken(db, { clientId, userId, grantId, scope, type }),
    logOut: async () => void (await grants.destroy(grantId)),
  };
}

interface Claims {
  readonly clientId: string;
  readonly userId: string;
  readonly grantId: string;
  readonly scope: string;
  /** "at+jwt" for an access token. */
  readonly type: string;
}

async function signToken(
  db: Db,
  { clientId, userId, grantId, scope, type }: Claims,
): Promise<string> {
  const [key] = (await loadAuthKeys(db, [ENCRYPTION_KEY])).signing;
  if (key === undefined) throw new Error("there is no key");
  const [createdAt] = await db("clients").where({ id: clientId }).pluck("created_at");
  return new SignJWT({
    scope,
    client_id: clientId,
    client_id_issued_at: issuedAt(createdAt),
    grant: createHash("sha256").update(grantId).digest("base64url"),
  })
    .setProtectedHeader({ alg: "RS256", typ: type, kid: key.kid ?? "" })
    .setIssuer(`${PUBLIC_URL}/api/auth`)
    .setAudience(`${PUBLIC_URL}/api`)
    .setSubject(userId)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(await importJWK(key));
}
