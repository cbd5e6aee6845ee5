import { decodeJwt } from "jose";
import { pino } from "pino";
import { createVerifier } from "../src/auth/access/verifyAccessToken.js";
import { openKeyring } from "../src/auth/keys/keyring.js";
import { openDatabase } from "../src/db/database.js";
import { keepEncryptionKeys } from "../src/encryptionKeys.js";
import { systemClock } from "../src/lib/time.js";

const CALLS = 300_000;

export interface VerificationOptions {
  readonly url: string;
  readonly dataDir: string;
  readonly token: string;
}

/**
 * What it adds to a request that its token is verified, in microseconds. The token is known; that the database is asked
 * about it now and then is counted too. In this process, without a server.
 */
export async function verification({ url, dataDir, token }: VerificationOptions): Promise<number> {
  const db = openDatabase({ url, poolSize: 1 });
  const encryptionKeys = await keepEncryptionKeys(dataDir);
  const keyring = await openKeyring({ db, encryptionKeys, logger: pino({ level: "silent" }) });
  const { iss = "", aud } = decodeJwt(token);
  const { verify } = createVerifier({
    ...{ db, keyring },
    issuer: iss,
    audience: String(aud),
    clock: systemClock,
    isStrict: false,
  });
  for (let call = 0; call < 10_000; call++) await verify(token); // Warms up.
  const startedAt = performance.now();
  for (let call = 0; call < CALLS; call++) await verify(token);
  const tookMs = performance.now() - startedAt;
  if (!(await verify(token)).ok) throw new Error("the token of the bench is not valid");
  keyring.close();
  await db.destroy();
  return (tookMs * 1000) / CALLS;
}
