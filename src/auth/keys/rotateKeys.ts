import type { Db } from "../../db/database.js";
import { inTransaction } from "../../db/transaction.js";
import type { EncryptionKeys } from "../../lib/encrypt.js";
import type { Micros } from "../../lib/time.js";
import { deleteKeys, insertKey, lockKeys, retireKey } from "../store/authKeys.js";
import { loadAuthKeys, makeKey } from "./authKeys.js";

export interface RotateOptions {
  /** For a key that leaked: what the old ones signed is refused as soon as processes notice. */
  readonly revokeOld: boolean;
}

export interface Rotation {
  /** Id of the new key for tokens. */
  readonly kid: string;
  /** When the new keys begin to sign. Null: as soon as processes notice. */
  readonly signFrom: Micros | null;
}

/**
 * Makes new keys for tokens and cookies, and publishes them. They sign when every process knows them; until they are
 * obsolete, the old ones verify.
 */
export async function rotateKeys(
  db: Db,
  encryptionKeys: EncryptionKeys,
  { revokeOld }: RotateOptions,
): Promise<Rotation> {
  // Refuses an encryption key that is not this database's: nobody could open what it seals.
  await loadAuthKeys(db, encryptionKeys);
  const tokens = await makeKey(encryptionKeys, "tokens");
  const cookies = await makeKey(encryptionKeys, "cookies");
  return inTransaction(db, async (trx) => {
    await lockKeys(trx);
    const replace = revokeOld ? deleteKeys : retireKey;
    await replace(trx, "cookies");
    await insertKey(trx, cookies);
    await replace(trx, "tokens");
    const { knownAt } = await insertKey(trx, tokens);
    return { kid: tokens.id, signFrom: revokeOld ? null : knownAt };
  });
}
