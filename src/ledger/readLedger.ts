import type { Db } from "../db/database.js";
import { ok, type Result } from "../lib/result.js";
import { costlyParts } from "./domain/query.js";
import type { Ledger } from "./ledger.js";
import type { SearchFailure } from "./search.js";

type Filter = Parameters<typeof costlyParts>[0];

/** Reads from the ledger called `name`, or answers `empty` if nothing was ever written to it. */
export async function readLedger<T>(
  { db, idOf }: Ledger,
  name: string,
  empty: T,
  read: (db: Db, ledger: number) => Promise<T>,
): Promise<T> {
  const id = await idOf(name);
  return id === null ? empty : read(db, id);
}

/** As `readLedger`, for what `filter` lets through: a search, if no index answers it. */
export async function searchLedger<T>(
  { db, idOf, search }: Ledger,
  name: string,
  filter: Filter,
  empty: T,
  read: (db: Db, ledger: number) => Promise<T>,
): Promise<Result<T, SearchFailure>> {
  const id = await idOf(name);
  if (id === null) return ok(empty);
  const parts = costlyParts(filter);
  const isCheap = parts.patterns.length + parts.others.length === 0;
  return isCheap ? ok(await read(db, id)) : search(parts, (trx) => read(trx, id));
}
