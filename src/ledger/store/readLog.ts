import type { Connection } from "../../db/database.js";
import type { Log } from "../domain/log.js";
import { type LogRow, logColumns, toLog } from "./logRow.js";

/** The log of that number; null if there is none. */
export async function readLog(
  connection: Connection,
  ledger: number,
  id: bigint,
): Promise<Log | null> {
  const { rows } = await connection.query<LogRow>(
    `select ${logColumns()} from logs where ledger = $1 and id = $2`,
    [ledger, id],
  );
  return rows[0] === undefined ? null : toLog(rows[0]);
}
