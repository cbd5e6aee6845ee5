import type { Db } from "../../db/database.js";

/** What a key is for: signing tokens, signing cookies, hashing client secrets. */
export type KeyPurpose = "tokens" | "cookies" | "secrets";

export interface SealedKey {
  readonly id: string;
  readonly purpose: KeyPurpose;
  /** Encrypted. */
  readonly sealed: Uint8Array;
}

export interface FoundKey extends SealedKey {
  /** False for a key that is kept for what it signed. */
  readonly isInUse: boolean;
}

/** The keys of one purpose. At most one is in use; it comes first. */
export const listKeys = (db: Db, purpose: KeyPurpose): Promise<FoundKey[]> =>
  db("auth_keys")
    .where({ purpose })
    .orderBy("isInUse", "desc")
    .select("id", "purpose", "sealed", { isInUse: db.raw("retired_at is null") });

/** Puts a key into use, unless its purpose has one in use already: of several processes that try, one wins. */
export async function insertFirstKey(db: Db, key: SealedKey): Promise<void> {
  await db("auth_keys")
    .insert(key)
    .onConflict(db.raw("(purpose) where retired_at is null"))
    .ignore();
}
