import { ok, type Result } from "../lib/result.js";
import { isOpen, type TransactionFilter } from "./domain/query.js";
import type { Ledger } from "./ledger.js";
import { searchLedger } from "./readLedger.js";
import { readStats } from "./readStats.js";
import type { SearchFailure } from "./search.js";
import { planTransactions } from "./store/transactionPlan.js";
import * as store from "./store/transactions.js";

/** How many transactions `filter` lets through. */
export async function countTransactions(
  ledger: Ledger,
  name: string,
  filter: TransactionFilter,
): Promise<Result<bigint, SearchFailure>> {
  if (isOpen(filter)) return ok((await readStats(ledger, name)).transactions);
  return searchLedger(ledger, name, filter, 0n, async (db, id) => {
    const plan = await planTransactions(db, id, filter);
    return store.countTransactions(db, id, plan);
  });
}
