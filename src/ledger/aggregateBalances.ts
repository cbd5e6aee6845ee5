import type { Result } from "../lib/result.js";
import type { Pattern } from "./domain/pattern.js";
import type { Ledger } from "./ledger.js";
import { searchLedger } from "./readLedger.js";
import type { SearchFailure } from "./search.js";
import { sumBalances } from "./store/balances.js";

/** The sum of the balances of all accounts, or of those that `address` names, by asset. */
export const aggregateBalances = (
  ledger: Ledger,
  name: string,
  address: Pattern | null,
): Promise<Result<ReadonlyMap<string, bigint>, SearchFailure>> =>
  searchLedger(ledger, name, { address }, new Map(), (db, id) => sumBalances(db, id, address));
