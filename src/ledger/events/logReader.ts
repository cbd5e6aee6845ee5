import type { Db } from "../../db/database.js";
import type { Log } from "../domain/log.js";
import { type LogRow, logColumns, toLog } from "../store/logRow.js";

const MOST_LOGS = 100n;
/** As they are stored, which may be compressed. */
const MOST_BYTES = 512 * 1024;

/** Reads runs of logs; what lies behind a run is read along with it, since it is likely to be asked for next. */
export function createLogReader(db: Db, ledger: number) {
  let ahead: readonly Log[] = [];
  return async (first: bigint, last: bigint): Promise<Log[]> => {
    const logs: Log[] = [];
    for (let id = first; id <= last; ) {
      let start = ahead.findIndex((log) => log.id === id);
      if (start < 0) {
        ahead = await readAhead(db, ledger, id);
        start = 0;
      }
      const found = ahead.slice(start, start + Number(last - id + 1n));
      if (found[0]?.id !== id) throw new RangeError(`ledger ${ledger} has no log ${id}`);
      ahead = ahead.slice(start + found.length);
      for (const log of found) logs.push(log);
      id += BigInt(found.length);
    }
    return logs;
  };
}

/** A range, and no limit: where statistics are out of date, a limit may be found by sorting all that follows. */
async function readAhead(db: Db, ledger: number, first: bigint): Promise<Log[]> {
  const { rows } = await db.raw<{ rows: LogRow[] }>(
    `select * from (
      select ${logColumns()}, sum(bytes) over (order by id) - bytes as bytes_before
      from logs
      cross join lateral (
        select coalesce(pg_column_size(metadata), 0) + coalesce(pg_column_size(postings), 0) + coalesce(pg_column_size(volumes), 0) as bytes
      ) as size
      where ledger = ? and id >= ? and id < ?
    ) as logs where bytes_before < ${MOST_BYTES} order by id`,
    [ledger, String(first), String(first + MOST_LOGS)],
  );
  return rows.map(toLog);
}
