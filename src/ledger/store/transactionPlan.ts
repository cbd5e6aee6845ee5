import type { Db } from "../../db/database.js";
import type { Pattern } from "../domain/pattern.js";
import type { TransactionFilter } from "../domain/query.js";
import { findTimeRange, type TimeRange } from "./timeRange.js";
import { whereAddress } from "./whereAddress.js";

/** How to find the transactions that a filter lets through. */
export interface TransactionPlan {
  readonly filter: TransactionFilter;
  readonly time: TimeRange;
  /** Accounts whose moves lead to the transactions; null if there are none, or too many. */
  readonly lead: FewAccounts | null;
  /** What is to be checked besides. */
  readonly few: readonly FewAccounts[];
  readonly many: readonly ManyAccounts[];
}

const SIDES = ["account", "source", "destination"] as const;

/** Where in its postings a transaction must have one of certain accounts; "account" is on either side. */
export type Side = (typeof SIDES)[number];

export interface FewAccounts {
  readonly side: Side;
  readonly ids: readonly string[];
}

export interface ManyAccounts {
  readonly side: Side;
  readonly regex: string;
}

export async function planTransactions(
  db: Db,
  ledger: number,
  filter: TransactionFilter,
): Promise<TransactionPlan> {
  const few: FewAccounts[] = [];
  const many: ManyAccounts[] = [];
  for (const side of SIDES) {
    const pattern = filter[side];
    const ids = pattern && (await findAccounts(db, ledger, pattern));
    if (ids && ids.length <= FEW) few.push({ side, ids });
    else if (pattern?.kind === "regex") many.push({ side, regex: pattern.regex });
  }
  const time = await findTimeRange(db, ledger, filter);
  const lead = time.isShort ? null : await findQuietest(db, ledger, few);
  return { filter, time, lead, few: few.filter((each) => each !== lead), many };
}

/** For so many accounts, the moves of each are looked up; for more, all transactions are looked through. */
const FEW = 100;

async function findAccounts(db: Db, ledger: number, pattern: Pattern): Promise<string[]> {
  const query = db("accounts")
    .where("accounts.ledger", ledger)
    .limit(FEW + 1);
  whereAddress(query, pattern);
  const ids: bigint[] = await query.pluck("id");
  return ids.map(String);
}

const BUSY = 1000;

/** The accounts with the fewest moves; null if there are none. */
async function findQuietest(
  db: Db,
  ledger: number,
  few: readonly FewAccounts[],
): Promise<FewAccounts | null> {
  const [first = null, ...others] = few;
  if (others.length === 0) return first;
  const counts = await Promise.all(few.map(({ ids }) => countMoves(db, ledger, ids)));
  const fewest = counts.indexOf(Math.min(...counts));
  return few[fewest] ?? null;
}

async function countMoves(db: Db, ledger: number, ids: readonly string[]): Promise<number> {
  const moves = db("moves")
    .where({ ledger })
    .whereRaw("account = any(?::bigint[])", [[...ids]]);
  const [row] = await db.from(moves.select("txid").limit(BUSY).as("moves")).count();
  return Number(row?.["count"]);
}
