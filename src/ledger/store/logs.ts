import type { Db } from "../../db/database.js";
import type { Position } from "../../lib/page.js";
import type { Log } from "../domain/log.js";
import { type LogRow, logColumns, toLog } from "./logRow.js";
import { seek } from "./seek.js";
import { type TimeRange, whereTime } from "./timeRange.js";

/** Up to `limit` of the logs of a time, from `position` on. */
export async function readLogs(
  db: Db,
  ledger: number,
  time: TimeRange,
  position: Position | null,
  limit: number,
): Promise<Log[]> {
  const query = db("logs").where("logs.ledger", ledger).select(db.raw(logColumns()));
  whereTime(db, query, ledger, time);
  const rows: LogRow[] = await seek(query, "logs.id", position, limit);
  return rows.map(toLog);
}
