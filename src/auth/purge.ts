import type { Db } from "../db/database.js";
import { deleteObsoleteKeys } from "./store/authKeys.js";
import { deleteExpiredRecords } from "./store/oidcRecords.js";
import { deleteExpiredRevocations } from "./store/revokedTokens.js";

/** Deletes what nobody can use any more: logins, revocations of tokens that have expired, keys that signed nothing that lives. */
export async function purge(db: Db): Promise<void> {
  await deleteExpiredRecords(db);
  await deleteExpiredRevocations(db);
  await deleteObsoleteKeys(db);
}
