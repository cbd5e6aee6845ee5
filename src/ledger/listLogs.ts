import { emptyPage, type Page, readPage, type Slice } from "../lib/page.js";
import type { Log } from "./domain/log.js";
import type { LogFilter } from "./domain/query.js";
import type { Ledger } from "./ledger.js";
import { readLedger } from "./readLedger.js";
import { readLogs } from "./store/logs.js";
import { findTimeRange } from "./store/timeRange.js";

/** A page of the logs that `filter` lets through, newest first. */
export const listLogs = (
  ledger: Ledger,
  name: string,
  filter: LogFilter,
  slice: Slice,
): Promise<Page<Log>> =>
  readLedger(ledger, name, emptyPage(slice), async (db, id) => {
    const time = await findTimeRange(db, id, filter);
    return readPage(
      (position, limit) => readLogs(db, id, time, position, limit),
      slice,
      ({ id }) => String(id),
    );
  });
