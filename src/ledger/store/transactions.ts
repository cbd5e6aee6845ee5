import type { Knex } from "knex";
import type { Db } from "../../db/database.js";
import type { Position } from "../../lib/page.js";
import type { Transaction } from "../domain/transaction.js";
import { logColumns, type TransactionRow, toTransaction } from "./logRow.js";
import { orderOf, seek } from "./seek.js";
import { whereTime } from "./timeRange.js";
import type { FewAccounts, ManyAccounts, Side, TransactionPlan } from "./transactionPlan.js";
import { whereMetadata } from "./whereMetadata.js";

/** Metadata as it is now: that of the log, and what was merged into it later. */
const METADATA =
  "case when later.metadata is null then logs.metadata else logs.metadata || later.metadata end";

const COLUMNS = logColumns(METADATA);

/** Up to `limit` of the transactions that `plan` finds, from `position` on. */
export async function readTransactions(
  db: Db,
  ledger: number,
  plan: TransactionPlan,
  position: Position | null,
  limit: number,
): Promise<Transaction[]> {
  const query = matching(db, ledger, plan).select(db.raw(COLUMNS));
  for (const check of plan.many) wherePostings(query, check);
  const rows: TransactionRow[] = await (plan.lead
    ? followMoves(db, query, plan.lead, position, limit)
    : seek(query, "logs.txid", position, limit));
  return rows.map(toTransaction);
}

/**
 * What `query` finds for each of the accounts by itself, then each transaction once. The moves of an account are in
 * order already, so that none is read further than `limit`.
 */
function followMoves(
  db: Db,
  query: Knex.QueryBuilder,
  { side, ids }: FewAccounts,
  position: Position | null,
  limit: number,
): Knex.QueryBuilder {
  query.join("moves", (on) => on.on("moves.ledger", "logs.ledger").on("moves.txid", "logs.txid"));
  whereSide(query, side);
  seek(query, "moves.txid", position, limit);
  const [only, ...others] = ids;
  // PostgreSQL spends more on planning the general form than on carrying this one out.
  if (only !== undefined && others.length === 0) return query.where("moves.account", only);
  return db
    .select(db.raw("distinct on (txid) found.*"))
    .from(
      db.raw("unnest(?::bigint[]) as touched (account) cross join lateral ? as found", [
        [...ids],
        query.whereRaw("moves.account = touched.account"),
      ]),
    )
    .orderBy("txid", orderOf(position))
    .limit(limit);
}

export async function countTransactions(
  db: Db,
  ledger: number,
  plan: TransactionPlan,
): Promise<bigint> {
  const query = matching(db, ledger, plan);
  if (plan.lead) whereMoves(query, ledger, plan.lead.side, ofFew(plan.lead));
  for (const { side, regex } of plan.many) {
    whereMoves(query, ledger, side, (moves) => {
      moves
        .join("accounts", (on) =>
          on.on("accounts.ledger", "moves.ledger").on("accounts.id", "moves.account"),
        )
        .where("accounts.address", "~", regex);
    });
  }
  const [row] = await query.count();
  return row.count;
}

/** The transaction of that number; null if there is none. */
export async function readTransaction(
  db: Db,
  ledger: number,
  txid: bigint,
): Promise<Transaction | null> {
  const [row]: TransactionRow[] = await transactions(db, ledger)
    .where("logs.txid", String(txid))
    .select(db.raw(COLUMNS));
  return row === undefined ? null : toTransaction(row);
}

const transactions = (db: Db, ledger: number): Knex.QueryBuilder =>
  db("logs")
    .leftJoin("transaction_metadata as later", (on) =>
      on.on("later.ledger", "logs.ledger").on("later.txid", "logs.txid"),
    )
    .where("logs.ledger", ledger)
    .whereNotNull("logs.txid");

/** What lists and counts go about in the same way. */
function matching(
  db: Db,
  ledger: number,
  { filter, time, few }: TransactionPlan,
): Knex.QueryBuilder {
  const query = transactions(db, ledger);
  if (filter.reference !== null) query.where("logs.reference", filter.reference);
  for (const check of few) whereMoves(query, ledger, check.side, ofFew(check));
  whereTime(db, query, ledger, time);
  whereMetadata(query, `(${METADATA})`, filter.metadata);
  return query;
}

/** Narrows `query` to transactions with such moves. */
function whereMoves(
  query: Knex.QueryBuilder,
  ledger: number,
  side: Side,
  narrow: (moves: Knex.QueryBuilder) => void,
): void {
  query.whereExists((moves) => {
    moves.from("moves").where("moves.ledger", ledger).whereRaw("moves.txid = logs.txid");
    whereSide(moves, side);
    narrow(moves);
  });
}

const ofFew =
  ({ ids }: FewAccounts) =>
  (moves: Knex.QueryBuilder): void => {
    moves.whereRaw("moves.account = any(?::bigint[])", [[...ids]]);
  };

function whereSide(moves: Knex.QueryBuilder, side: Side): void {
  if (side !== "account") moves.where(`moves.is_${side}`, true);
}

/** Whether a posting (source, destination, …) has an address there that matches. */
const MATCHES: Readonly<Record<Side, string>> = {
  account: "(posting ->> 0 ~ :regex or posting ->> 1 ~ :regex)",
  source: "posting ->> 0 ~ :regex",
  destination: "posting ->> 1 ~ :regex",
};

/** Narrows `query` by looking into each transaction: a page is soon full when many accounts will do. */
function wherePostings(query: Knex.QueryBuilder, { side, regex }: ManyAccounts): void {
  query.whereRaw(
    `exists (select from jsonb_array_elements(logs.postings) as posting where ${MATCHES[side]})`,
    { regex },
  );
}
