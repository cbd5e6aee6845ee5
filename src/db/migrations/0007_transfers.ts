import type { Db } from "../database.js";

/** What transfers are repeated by. It outlives the connector: a request that is repeated later pays nobody again. */
export const up = async (db: Db): Promise<void> => {
  await db.raw(`
    create table transfer_keys (
      provider text collate "C" not null,
      key text collate "C" not null,
      request_hash bytea not null,
      transfer uuid not null,
      -- Of a transfer for which the caller waits: what the provider said, as JSON; null if it is not known to be made.
      answer text,
      primary key (provider, key)
    );
  `);
};
