import { type Db, withConnection } from "../../db/database.js";
import type { LetterKey } from "./deadLetters.js";

// The only statements here that look across ledgers. Payments are one more stream, as if they were a ledger.

/** Names of ledgers with events that a sink has not got, and may be given now. */
export const FIND_WORK = `
  select sinks.sink, streams.name as ledger
  from streams cross join unnest($1::text[]) as sinks (sink)
  left join event_cursors on event_cursors.ledger = streams.id and event_cursors.sink = sinks.sink
  where coalesce(outbox_row + sent, 0) < next_event
    and coalesce(leased_until <= now(), true) and coalesce(retry_at <= now(), true)
  order by random() limit $2`;

/** Dead letters that were put back into delivery and whose time has come. */
export const FIND_DUE = `
  select ledger, sink, event as number from dead_letters
  where retry_at <= now() and sink = $1 order by ledger, event limit $2`;

/** How far behind each sink is, and what it would not take. */
export const MEASURE = `
  select sinks.sink,
    (select count(*) from dead_letters where dead_letters.sink = sinks.sink)::float8 as "deadLetters",
    coalesce((
      select extract(epoch from now() - min(oldest.date))
      from streams
      left join event_cursors on event_cursors.ledger = streams.id and event_cursors.sink = sinks.sink
      cross join lateral (
        select date from outbox where outbox.ledger = streams.id and outbox.id >= coalesce(outbox_row, 0)
        order by outbox.id limit 1
      ) as oldest
      where coalesce(outbox_row + sent, 0) < next_event
    ), 0)::float8 as "lagSeconds"
  from unnest($1::text[]) as sinks (sink)`;

/** A ledger that has something for a sink. */
export interface Work {
  readonly sink: string;
  readonly ledger: string;
}

export const findWork = (db: Db, sinks: readonly string[], limit: number): Promise<Work[]> =>
  query(db, FIND_WORK, [sinks, limit]);

export const findDueLetters = (db: Db, sink: string, limit: number): Promise<LetterKey[]> =>
  query(db, FIND_DUE, [sink, limit]);

export interface Measure {
  readonly sink: string;
  readonly deadLetters: number;
  /** Age of the oldest event that the sink has not got. */
  readonly lagSeconds: number;
}

export const measure = (db: Db, sinks: readonly string[]): Promise<Measure[]> =>
  query(db, MEASURE, [sinks]);

const query = <Row extends object>(db: Db, text: string, values: unknown[]): Promise<Row[]> =>
  withConnection(db, async (connection) => (await connection.query<Row>(text, values)).rows);
