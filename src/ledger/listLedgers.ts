import type { Ledger } from "./ledger.js";

/** The first `limit` names after `after`, ascending, of the ledgers that were written to. */
export const listLedgers = async (
  { db }: Ledger,
  after = "",
  limit = Number.MAX_SAFE_INTEGER,
): Promise<string[]> =>
  db("ledgers").where("name", ">", after).orderBy("name").limit(limit).pluck("name");
