import { ok, type Result } from "../lib/result.js";
import { type AccountFilter, isOpen } from "./domain/query.js";
import type { Ledger } from "./ledger.js";
import { searchLedger } from "./readLedger.js";
import { readStats } from "./readStats.js";
import type { SearchFailure } from "./search.js";
import * as store from "./store/accounts.js";

/** How many accounts `filter` lets through. */
export async function countAccounts(
  ledger: Ledger,
  name: string,
  filter: AccountFilter,
): Promise<Result<bigint, SearchFailure>> {
  if (isOpen(filter)) return ok((await readStats(ledger, name)).accounts);
  return searchLedger(ledger, name, filter, 0n, (db, id) => store.countAccounts(db, id, filter));
}
