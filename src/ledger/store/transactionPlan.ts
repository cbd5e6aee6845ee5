import type { Db } from "../../db/database.js";
import type { Pattern } from "../domain/pattern.js";
import type { TransactionFilter } from "../domain/query.js";
import { findTimeRange, type TimeRange } from "./timeRange.js";
import { whereAddress } from "./whereAddress.js";

/** How to find the transactions that a filter lets through. */
export interface TransactionPlan {
  readonly filter: TransactionFilter;
  readonly time: TimeRange;
  /** Accounts whose moves lead to the transactions, page by page; null where PostgreSQL is to choose what to follow. */
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
  const [lead, ...others] = few;
  return lead && others.length === 0 && !time.isShort
    ? { filter, time, lead, few: [], many }
    : { filter, time, lead: null, few, many };
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
