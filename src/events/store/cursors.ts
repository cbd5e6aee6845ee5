import type { Db } from "../../db/database.js";
import type { Place, Stream } from "../source.js";
import type { DeadLetter } from "./deadLetters.js";

/** The sole right, for a while, to publish a ledger's events to a sink. */
export interface Lease {
  readonly stream: Stream;
  readonly sink: string;
  /** Grows from holder to holder: with an old one nothing can be changed any more. */
  readonly fence: bigint;
}

/** What a sink has of a ledger's events. */
export interface Progress {
  readonly place: Place;
  /** Failed attempts at the event that comes next. */
  readonly attempts: number;
}

/** A lease that was just taken. */
export interface Taken extends Progress {
  readonly lease: Lease;
  /** Events below this number are committed. Those of them that the outbox does not have will never be there. */
  readonly nextEvent: bigint;
}

/** Null if somebody else holds it, if it is too early for another attempt, or if there is no such ledger. */
export async function takeLease(
  db: Db,
  ledger: string,
  sink: string,
  leaseMs: number,
): Promise<Taken | null> {
  const { rows } = await db.raw(
    `with ledger as (select id, next_event from streams where name = :ledger),
    taken as (
      insert into event_cursors (ledger, sink, fence, leased_until)
      select id, :sink, 1, now() + :leaseMs * interval '1 ms' from ledger
      on conflict (ledger, sink) do update
      set fence = event_cursors.fence + 1, leased_until = excluded.leased_until
      where coalesce(event_cursors.leased_until <= now(), true) and coalesce(event_cursors.retry_at <= now(), true)
      returning *
    )
    select id, next_event, fence, outbox_row, sent, attempts from taken, ledger`,
    { ledger, sink, leaseMs },
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    lease: { stream: { id: row.id, name: ledger }, sink, fence: row.fence },
    place: { row: row.outbox_row, sent: row.sent },
    attempts: row.attempts,
    nextEvent: row.next_event,
  };
}

/** Keeps the lease for another while; false if it is somebody else's. */
export const renewLease = (db: Db, lease: Lease, leaseMs: number): Promise<boolean> =>
  change(db, lease, "leased_until = now() + ? * interval '1 ms'", [leaseMs]);

/** Keeps what was reached, and the lease for another while; false if it is somebody else's. */
export const saveProgress = (
  db: Db,
  lease: Lease,
  { place, attempts }: Progress,
  leaseMs: number,
): Promise<boolean> =>
  change(
    db,
    lease,
    "outbox_row = ?, sent = ?, attempts = ?, retry_at = null, leased_until = now() + ? * interval '1 ms'",
    [String(place.row), place.sent, attempts, leaseMs],
  );

/** Rows that one statement deletes at most: more than are published while a lease is held. */
const MOST_DELETED = 10_000;

/**
 * Keeps what was reached and gives the lease back; for `waitMs`, nobody gets it. Rows of the outbox that all known sinks
 * have passed go. Does nothing if the lease is somebody else's.
 */
export const giveLeaseBack = (
  db: Db,
  { stream, sink, fence }: Lease,
  { place, attempts }: Progress,
  waitMs: number,
): Promise<unknown> =>
  db.raw(
    `with given as (
      update event_cursors
      set outbox_row = :row, sent = :sent, attempts = :attempts, retry_at = now() + :waitMs * interval '1 ms', leased_until = null
      where ledger = :ledger and sink = :sink and fence = :fence
      returning ledger
    )
    delete from outbox where ledger = :ledger and id in (
      select id from outbox where ledger = :ledger and id < least(:row, (
        select min(coalesce(outbox_row, 0)) from sinks
        left join event_cursors on event_cursors.ledger = :ledger and event_cursors.sink = sinks.name
        where sinks.name <> :sink
      )) and exists (select from given)
      order by id limit ${MOST_DELETED}
    )`,
    {
      row: String(place.row),
      sent: place.sent,
      attempts,
      waitMs,
      ledger: stream.id,
      sink,
      fence: String(fence),
    },
  );

async function change(
  db: Db,
  { stream, sink, fence }: Lease,
  assignments: string,
  values: readonly (string | number)[],
): Promise<boolean> {
  const { rowCount } = await db.raw(
    `update event_cursors set ${assignments} where ledger = ? and sink = ? and fence = ?`,
    [...values, stream.id, sink, String(fence)],
  );
  return rowCount === 1;
}

/** Puts the next event aside and goes on behind it, both or none; false if the lease is somebody else's. */
export async function bury(
  db: Db,
  { stream, sink, fence }: Lease,
  { place }: Pick<Progress, "place">,
  letter: Omit<DeadLetter, "ledger" | "sink">,
): Promise<boolean> {
  const { number, message, reason, attempts } = letter;
  const { rowCount } = await db.raw(
    `with moved as (
      update event_cursors set outbox_row = :row, sent = :sent, attempts = 0, retry_at = null
      where ledger = :ledger and sink = :sink and fence = :fence
      returning ledger
    )
    insert into dead_letters (ledger, sink, event, message_id, type, body, reason, attempts)
    select :ledger, :sink, :event, :id, :type, :body, :reason, :attempts from moved
    on conflict (ledger, sink, event) do update set reason = excluded.reason, attempts = excluded.attempts, failed_at = now()`,
    {
      ...place,
      row: String(place.row),
      ledger: stream.id,
      sink,
      fence: String(fence),
      event: String(number),
      ...message,
      reason,
      attempts,
    },
  );
  return rowCount === 1;
}
