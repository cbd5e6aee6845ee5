import type { Knex } from "knex";
import type { Db } from "../../db/database.js";
import { formatInstant } from "../../lib/time.js";
import type { LogFilter } from "../domain/query.js";

/** The time that a filter asks for. */
export interface TimeRange extends LogFilter {
  /** Whether few logs are of that time: it is then best to find these first, and to sort them. */
  readonly isShort: boolean;
}

/** All times. */
export const ALWAYS: TimeRange = { startTime: null, endTime: null, isShort: false };

const FEW = 10_000;

/**
 * Times rise with the numbers of logs, but not always. A list by number passes over all that is later than the time
 * it looks for; PostgreSQL, which does not see how much that is, has to be told when the other way is shorter.
 */
export async function findTimeRange(
  db: Db,
  ledger: number,
  { startTime, endTime }: LogFilter,
): Promise<TimeRange> {
  if (startTime === null && endTime === null) return ALWAYS;
  const range = { startTime, endTime, isShort: false };
  const first = idsOf(db, ledger, range).limit(FEW + 1);
  const [row] = await db.from(first.as("first")).count();
  return { ...range, isShort: row?.["count"] <= FEW };
}

/** Narrows a `query` on logs to those of that time. */
export function whereTime(
  db: Db,
  query: Knex.QueryBuilder,
  ledger: number,
  range: TimeRange,
): void {
  if (range.isShort) query.whereRaw("logs.id = any(array ?)", [idsOf(db, ledger, range)]);
  else compare(query, "logs.date", range);
}

function idsOf(db: Db, ledger: number, range: LogFilter): Knex.QueryBuilder {
  const ids = db("logs as dated").where("dated.ledger", ledger).select("dated.id");
  compare(ids, "dated.date", range);
  return ids;
}

function compare(query: Knex.QueryBuilder, column: string, { startTime, endTime }: LogFilter) {
  if (startTime !== null) query.where(column, ">=", formatInstant(startTime));
  if (endTime !== null) query.where(column, "<", formatInstant(endTime));
}
