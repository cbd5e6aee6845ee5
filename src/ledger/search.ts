import type { Db } from "../db/database.js";
import { readWithin, sqlState } from "../db/transaction.js";
import { atMost } from "../lib/atMost.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { CostlyParts } from "./domain/query.js";

/** Why a query was given up that no index answers. */
export type SearchFailure =
  | { readonly kind: "regex-refused"; readonly parameters: string }
  | { readonly kind: "query-too-slow"; readonly parameters: string; readonly timeoutMs: number }
  | { readonly kind: "searches-full" };

/** Runs `read`, in one snapshot, for a filter with such parts. */
export type Search = <T>(
  parts: CostlyParts,
  read: (trx: Db) => Promise<T>,
) => Promise<Result<T, SearchFailure>>;

/** Searches that may wait, for each one that runs. */
const MOST_WAITING = 10;

/**
 * Limits what callers' own conditions can cost others: each statement may take `timeoutMs`, and all searches together
 * a third of the connections.
 */
export function createSearch(db: Db, timeoutMs: number): Search {
  const most = Math.max(1, Math.floor(db.client.pool.max / 3));
  const inTurn = atMost(most);
  let present = 0;
  return async ({ patterns, others }, read) => {
    if (present === most * (1 + MOST_WAITING)) return fail({ kind: "searches-full" });
    present++;
    try {
      return ok(await inTurn(() => readWithin(db, timeoutMs, read)));
    } catch (error) {
      const code = sqlState(error);
      if (code === INVALID_REGEX)
        return fail({ kind: "regex-refused", parameters: list(patterns) });
      if (code !== QUERY_CANCELED) throw error;
      return fail({
        kind: "query-too-slow",
        parameters: list([...patterns, ...others]),
        timeoutMs,
      });
    } finally {
      present--;
    }
  };
}

const INVALID_REGEX = "2201B";
const QUERY_CANCELED = "57014";

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ");
