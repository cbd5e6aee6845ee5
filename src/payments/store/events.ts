import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { PaymentsEvent } from "../domain/saved.js";

/** The number of the payments' stream of events: src/db/migrations/0006_payments.ts. */
export const STREAM = 0;

/** Takes the number of one event. Until `trx` ends, no other transaction gets one. */
export async function takeEvent(trx: Db): Promise<bigint> {
  const { rows } = await trx.raw(
    "update payments_head set next_event = next_event + 1 where id = 0 returning next_event - 1 as event",
  );
  return rows[0].event;
}

/** The number of the event that comes next. */
export async function nextEvent(db: Db): Promise<bigint> {
  const row: { next_event: bigint } = await db("payments_head").where({ id: 0 }).first();
  return row.next_event;
}

/** Has `events`, of which the first has the number `first`, told to others. */
export const saveOutbox = (
  trx: Db,
  first: bigint,
  events: readonly PaymentsEvent[],
  now: Micros,
): Promise<unknown> =>
  trx("outbox").insert({
    ledger: STREAM,
    id: String(first),
    date: formatInstant(now),
    events: JSON.stringify(events),
  });
