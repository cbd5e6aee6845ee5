import type { Ledger } from "./ledger.js";

/** The first `limit` names after `after`, ascending, of the ledgers that were written to; an import may be about to. */
export const listLedgers = async (
  { db }: Ledger,
  after = "",
  limit = Number.MAX_SAFE_INTEGER,
): Promise<string[]> =>
  db("ledgers")
    .where("name", ">", after)
    .whereRaw("next_log + next_event > 0")
    .orderBy("name")
    .limit(limit)
    .pluck("name");
