import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";
import type { Metadata } from "../domain/metadata.js";
import type { OutboxEvent } from "../domain/outbox.js";

/** What one commit has to tell. */
export interface OutboxRow {
  /** Number of its first event. */
  readonly id: bigint;
  readonly date: Micros;
  readonly events: readonly OutboxEvent[];
}

const MOST_EVENTS = 1000;
const MOST_BYTES = 1024 * 1024;

/**
 * The next rows from `id` on: as many as are read at once without harm, but one if there is any. By a range that begins
 * with that one: where statistics are out of date, a limit may be found by sorting all that waits.
 */
export async function readOutboxRows(db: Db, ledger: number, id: bigint): Promise<OutboxRow[]> {
  const { rows } = await db.raw<{ rows: { id: bigint; date: Micros; events: string }[] }>(
    `select id, date, events from (
      select id, date, events, sum(octet_length(events)) over (order by id) - octet_length(events) as bytes_before
      from outbox where ledger = :ledger and id >= :id and id < ${MOST_EVENTS} + (
        select id from outbox where ledger = :ledger and id >= :id order by id limit 1
      )
    ) as rows where bytes_before < ${MOST_BYTES} order by id`,
    { ledger, id: String(id) },
  );
  return rows.map((row) => ({ ...row, events: parseEvents(row.events) }));
}

type StoredEvent =
  | readonly ["C", number, number]
  | readonly ["M", number]
  | readonly ["R", number, number, Metadata]
  | readonly ["U", string];

/** What `outboxJson` wrote. */
const parseEvents = (json: string): OutboxEvent[] =>
  (JSON.parse(json) as StoredEvent[]).map(toEvent);

/** Ids are far below 2^53. */
function toEvent(event: StoredEvent): OutboxEvent {
  switch (event[0]) {
    case "C":
      return ["C", BigInt(event[1]), BigInt(event[2])];
    case "M":
      return ["M", BigInt(event[1])];
    case "R":
      return ["R", BigInt(event[1]), BigInt(event[2]), event[3]];
    case "U":
      return event;
  }
}
