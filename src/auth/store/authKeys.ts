import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";

/** What a key is for: signing tokens, signing cookies, hashing client secrets. */
export type KeyPurpose = "tokens" | "cookies" | "secrets";

export interface SealedKey {
  readonly id: string;
  readonly purpose: KeyPurpose;
  /** Encrypted. */
  readonly sealed: Uint8Array;
}

export interface FoundKey extends SealedKey {
  /** False for a key that another one has replaced, or soon will. */
  readonly isInUse: boolean;
}

/** A key of this age is known to every process: they look every few seconds. */
const KNOWN = "interval '10 seconds'";

/** What a key signed lives shorter: machines' tokens and ID tokens for an hour, a session for half a day. */
const OBSOLETE = "interval '24 hours'";

/** First the key that signs: the newest that everybody knows. A key that has no forerunner need not wait for that. */
const BY_USE = `case when created_at <= now() - ${KNOWN} then created_at end desc nulls last, created_at`;

/** The keys of one purpose; the first one signs, the others verify. */
export const listKeys = (db: Db, purpose: KeyPurpose): Promise<FoundKey[]> =>
  db("auth_keys")
    .where({ purpose })
    .orderByRaw(BY_USE)
    .select("id", "purpose", "sealed", { isInUse: db.raw("retired_at is null") });

/** Ids of all keys, in order: they change when `listKeys` has something new to tell. */
export const listKeyIds = (db: Db): Promise<string[]> =>
  db("auth_keys").orderByRaw(`purpose, ${BY_USE}`).pluck("id");

/** Puts a key into use, unless its purpose has one in use already: of several processes that try, one wins. */
export async function insertFirstKey(db: Db, key: SealedKey): Promise<void> {
  await db("auth_keys")
    .insert(key)
    .onConflict(db.raw("(purpose) where retired_at is null"))
    .ignore();
}

/** Nobody else changes keys until `trx` ends; reading goes on. */
export async function lockKeys(trx: Db): Promise<void> {
  await trx.raw("lock table auth_keys in share row exclusive mode");
}

/** The key of this purpose that is in use makes room for another one. */
export async function retireKey(trx: Db, purpose: KeyPurpose): Promise<void> {
  await trx("auth_keys")
    .where({ purpose })
    .whereNull("retired_at")
    .update({ retired_at: trx.raw("clock_timestamp()") });
}

export async function deleteKeys(trx: Db, purpose: KeyPurpose): Promise<void> {
  await trx("auth_keys").where({ purpose }).delete();
}

/** Puts a key into use. Answers when it will be known to all. */
export async function insertKey(trx: Db, key: SealedKey): Promise<{ readonly knownAt: Micros }> {
  const [inserted] = await trx("auth_keys")
    .insert({ ...key, created_at: trx.raw("clock_timestamp()") })
    .returning(trx.raw(`created_at + ${KNOWN} as "knownAt"`));
  return inserted;
}

export async function deleteObsoleteKeys(db: Db): Promise<void> {
  await db("auth_keys").whereRaw(`retired_at <= now() - ${OBSOLETE}`).delete();
}
