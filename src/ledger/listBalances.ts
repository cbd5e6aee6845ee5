import { emptyPage, type Page, readPage, type Slice } from "../lib/page.js";
import type { Result } from "../lib/result.js";
import type { Ledger } from "./ledger.js";
import { searchLedger } from "./readLedger.js";
import type { SearchFailure } from "./search.js";
import { type AccountBalances, type Accounts, readBalances } from "./store/balances.js";

/** A page of what accounts hold, by address, descending; accounts without volumes are left out. */
export const listBalances = (
  ledger: Ledger,
  name: string,
  accounts: Accounts,
  slice: Slice,
): Promise<Result<Page<AccountBalances>, SearchFailure>> => {
  const filter = accounts && "kind" in accounts ? { address: accounts } : {};
  return searchLedger(ledger, name, filter, emptyPage(slice), (db, id) =>
    readPage(
      (position, limit) => readBalances(db, id, accounts, position, limit),
      slice,
      ({ address }) => address,
    ),
  );
};
