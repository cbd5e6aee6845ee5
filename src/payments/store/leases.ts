import type { Db } from "../../db/database.js";
import { inTransaction, sqlState } from "../../db/transaction.js";
import { formatInstant, type Micros } from "../../lib/time.js";

/** The sole right, for a while, to run a task. */
export interface Lease {
  readonly task: string;
  /** Id of the installation. */
  readonly connector: string;
  readonly provider: string;
  /** Grows from holder to holder: with an old one nothing can be changed any more. */
  readonly fence: bigint;
}

/** A task that was just taken. */
export interface Claimed extends Lease {
  /** JSON text. */
  readonly descriptor: string;
  /** JSON text; null before it has come anywhere. */
  readonly state: string | null;
  /** Runs in a row that failed. */
  readonly failures: number;
}

/** Installations with tasks that are due and that nobody runs. */
export const findDue = (db: Db): Promise<string[]> =>
  db
    .raw(
      `select id from connectors where exists (
        select from connector_tasks where connector = connectors.id and due_at <= now() and coalesce(leased_until <= now(), true)
      ) order by random()`,
    )
    .then(({ rows }: { rows: { id: string }[] }) => rows.map(({ id }) => id));

/** A connector whose lock is not to be had is looked at again later: others are waiting. */
const PATIENCE = "2s";
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Takes due tasks of an installation, those that have waited longest, as long as fewer than `maxTasks` run in all
 * processes; those that find no place become PENDING.
 */
export const claimTasks = (
  db: Db,
  connector: string,
  { maxTasks, leaseMs }: { readonly maxTasks: number; readonly leaseMs: number },
): Promise<Claimed[]> =>
  inTransaction(db, async (trx) => {
    const [, [installed]] = await Promise.all([
      trx.raw(`set local lock_timeout = '${PATIENCE}'`),
      trx("connectors").where({ id: connector }).forUpdate(),
    ]);
    if (installed === undefined) return [];
    const { rows } = await trx.raw<{ rows: Omit<Claimed, "provider">[] }>(
      `with taken as materialized (
        select id from connector_tasks
        where connector = ? and due_at <= now() and coalesce(leased_until <= now(), true)
        order by due_at limit (
          select greatest(? - count(*), 0) from connector_tasks where connector = ? and leased_until > now()
        )
      ), waiting as (
        update connector_tasks set status = 'PENDING'
        where connector = ? and due_at <= now() and coalesce(leased_until <= now(), true) and status <> 'PENDING'
          and id not in (select id from taken)
      )
      update connector_tasks
      set status = 'ACTIVE', fence = fence + 1, leased_until = now() + ? * interval '1 ms'
      from taken where connector_tasks.id = taken.id
      returning connector_tasks.id as task, connector, fence, descriptor, state, failures`,
      [connector, maxTasks, connector, connector, leaseMs],
    );
    return rows.map((row) => ({ ...row, provider: installed.provider }));
  }).catch((error: unknown) => {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return [];
    throw error;
  });

/**
 * Holds the connector and the task of `lease` until `trx` ends: nobody else changes what the connector has brought.
 * False if the lease is somebody else's, or the connector is gone. Who hangs meanwhile loses it all before long.
 */
export async function holdLease(trx: Db, { task, connector, fence }: Lease): Promise<boolean> {
  const wait = trx.raw("set local idle_in_transaction_session_timeout = '20s'");
  const hold = trx.raw(
    `select from connectors join connector_tasks as task on task.connector = connectors.id
    where connectors.id = ? and task.id = ? and task.fence = ? for update of connectors, task`,
    [connector, task, String(fence)],
  );
  const [, { rows }] = await Promise.all([wait, hold]);
  return rows.length === 1;
}

/**
 * Keeps leases for another while; answers the ids of those tasks that are still ours. One whose page is being committed
 * is not waited for: it may well take longer than the leases of the others last.
 */
export const renewLeases = async (
  db: Db,
  leases: readonly Lease[],
  leaseMs: number,
): Promise<Set<string>> => {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `with held as (select * from unnest(?::uuid[], ?::bigint[]) as held (task, fence)),
    free as (
      select id from connector_tasks join held on id = held.task and connector_tasks.fence = held.fence
      order by id for no key update of connector_tasks skip locked
    ), renewed as (
      update connector_tasks set leased_until = now() + ? * interval '1 ms' from free where connector_tasks.id = free.id
    )
    select id from connector_tasks join held on id = held.task and connector_tasks.fence = held.fence`,
    [leases.map(({ task }) => task), leases.map(({ fence }) => String(fence)), leaseMs],
  );
  return new Set(rows.map(({ id }) => id));
};

/** Has tasks that nobody has taken since long say why. */
export const noteTrouble = (
  db: Db,
  connector: string,
  error: string,
  { overdueMs, now }: { readonly overdueMs: number; readonly now: Micros },
): Promise<unknown> =>
  db.raw(
    `update connector_tasks set error = ?, updated_at = ?::timestamptz
    where connector = ? and due_at < now() - ? * interval '1 ms' and coalesce(leased_until <= now(), true) and error <> ?`,
    [error, formatInstant(now), connector, overdueMs, error],
  );

/** How a run has ended. */
export interface Ending {
  readonly status: "ACTIVE" | "TERMINATED" | "FAILED";
  /** "" if nothing went wrong. */
  readonly error: string;
  /** Runs in a row that failed, this one included. */
  readonly failures: number;
  /** When it is to run again; null: when it is spawned again. */
  readonly nextInMs: number | null;
}

/** Writes down how a run has ended and gives the lease back, if it is still ours. A renewal that is late renews nothing. */
export const endRun = (
  db: Db,
  { task, fence }: Lease,
  { status, error, failures, nextInMs }: Ending,
  now: Micros,
): Promise<unknown> =>
  db.raw(
    `update connector_tasks set leased_until = null, fence = fence + 1, due_at = now() + ?::float8 * interval '1 ms', failures = ?,
      updated_at = case when status = ? and error = ? then updated_at else ?::timestamptz end,
      status = ?, error = ?
    where id = ? and fence = ?`,
    [nextInMs, failures, status, error, formatInstant(now), status, error, task, String(fence)],
  );

/** Gives a lease back in the middle of a run: somebody else may go on with it at once. */
export const giveLeaseBack = (db: Db, { task, fence }: Lease): Promise<unknown> =>
  db("connector_tasks")
    .where({ id: task, fence: String(fence) })
    .update({ leased_until: null, fence: String(fence + 1n) });
