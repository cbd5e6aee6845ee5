import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";

/** Kept longer than the token would have lived, for processes whose clock is late. */
const MARGIN: Micros = 3_600_000_000n;

/** Notes that an access token is dead, though it would live on. Safe to repeat. */
export async function putRevokedToken(
  db: Db,
  { jti, expiresAt }: { readonly jti: string; readonly expiresAt: Micros },
): Promise<void> {
  await db("revoked_tokens")
    .insert({ jti, expires_at: new Date(Number((expiresAt + MARGIN) / 1000n)) })
    .onConflict("jti")
    .ignore();
}

export async function deleteExpiredRevocations(db: Db): Promise<void> {
  await db("revoked_tokens").where("expires_at", "<=", db.fn.now()).delete();
}
