import { emptyPage, type Page, readPage, type Slice } from "../lib/page.js";
import type { Result } from "../lib/result.js";
import type { TransactionFilter } from "./domain/query.js";
import type { Transaction } from "./domain/transaction.js";
import type { Ledger } from "./ledger.js";
import { searchLedger } from "./readLedger.js";
import type { SearchFailure } from "./search.js";
import { planTransactions } from "./store/transactionPlan.js";
import { readTransactions } from "./store/transactions.js";

/** A page of the transactions that `filter` lets through, newest first. */
export const listTransactions = (
  ledger: Ledger,
  name: string,
  filter: TransactionFilter,
  slice: Slice,
): Promise<Result<Page<Transaction>, SearchFailure>> =>
  searchLedger(ledger, name, filter, emptyPage(slice), async (db, id) => {
    const plan = await planTransactions(db, id, filter);
    return readPage(
      (position, limit) => readTransactions(db, id, plan, position, limit),
      slice,
      ({ txid }) => String(txid),
    );
  });
