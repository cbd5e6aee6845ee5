import { emptyPage, type Page, readPage, type Slice } from "../lib/page.js";
import type { Result } from "../lib/result.js";
import type { AccountFilter } from "./domain/query.js";
import type { Ledger } from "./ledger.js";
import { searchLedger } from "./readLedger.js";
import type { SearchFailure } from "./search.js";
import { type Account, readAccounts } from "./store/accounts.js";

/** A page of the accounts that `filter` lets through, by address, descending. */
export const listAccounts = (
  ledger: Ledger,
  name: string,
  filter: AccountFilter,
  slice: Slice,
): Promise<Result<Page<Account>, SearchFailure>> =>
  searchLedger(ledger, name, filter, emptyPage(slice), (db, id) =>
    readPage(
      (position, limit) => readAccounts(db, id, filter, position, limit),
      slice,
      ({ address }) => address,
    ),
  );
