import { type RotateOptions, rotateKeys } from "../auth/keys/rotateKeys.js";
import { deleteExpiredRecords } from "../auth/store/oidcRecords.js";
import { loadConfig } from "../config.js";
import type { Db } from "../db/database.js";
import { reencrypt, type SealedTable } from "../db/reencrypt.js";
import { keepEncryptionKeys } from "../encryptionKeys.js";
import type { EncryptionKeys } from "../lib/encrypt.js";
import { formatInstant } from "../lib/time.js";
import { undoable } from "../lib/undoable.js";
import { createLogger } from "../logger.js";
import { startDatabase } from "../startDatabase.js";

/** Whatever is encrypted at rest belongs here. */
const SEALED: readonly SealedTable[] = [
  { name: "auth_keys", key: ["id"] },
  { name: "oidc_records", key: ["kind", "id_hash"] },
  { name: "connectors", key: ["id"] },
];

/** Makes new signing keys; servers that run take them up by themselves. */
export const rotate = (options: RotateOptions): Promise<void> =>
  withKeys(async (db, keys) => {
    const { kid, signFrom } = await rotateKeys(db, keys, options);
    if (signFrom === null) {
      console.log(
        `Key ${kid} signs from now on. The old keys are gone: within 5 seconds, every server refuses what they signed.`,
      );
    } else {
      console.log(
        `Key ${kid} is published, and signs from ${formatInstant(signFrom)} on. The old key stays published for 24 hours, for what it has signed.`,
      );
    }
  });

/** Puts everything that is encrypted under the first encryption key. */
export const reencryptAll = (): Promise<void> =>
  withKeys(async (db, keys) => {
    const expired = await deleteExpiredRecords(db);
    if (expired > 0) console.log(`oidc_records: ${expired} expired, deleted`);
    const unreadable: string[] = [];
    for (const table of SEALED) {
      const counts = await reencrypt(db, keys, table);
      console.log(`${table.name}: ${counts.resealed} re-encrypted`);
      if (counts.unreadable > 0) unreadable.push(`${counts.unreadable} of ${table.name}`);
    }
    if (unreadable.length > 0) {
      throw new Error(
        `None of the keys opens ${unreadable.join(" and ")}: list the key that they were written under too, behind the new one (new,old).`,
      );
    }
    console.log("Everything is under the first key: servers can be started with that one alone.");
  });

async function withKeys(use: (db: Db, keys: EncryptionKeys) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  const { value: db, stop } = await undoable((onStop) =>
    startDatabase(config, createLogger(config), onStop),
  );
  try {
    await use(db, config.encryptionKeys ?? (await keepEncryptionKeys(config.dataDir)));
  } finally {
    await stop();
  }
}
