import type { Connection } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";

/** The row that a ledger's writer holds locked: its numbers, and what its chain ends with. */
export interface HeadRow {
  /** Id of the ledger. */
  readonly id: number;
  readonly nextTxid: bigint;
  readonly nextLog: bigint;
  readonly nextAccount: bigint;
  readonly nextEvent: bigint;
  /** Null before the first log. */
  readonly lastHash: string | null;
  /** Null before the first transaction. */
  readonly lastTimestamp: Micros | null;
}

interface LockedHead extends HeadRow {
  /** PostgreSQL's number of the transaction that holds the lock. */
  readonly xid: string;
}

export const HEAD_COLUMNS = `id, next_txid as "nextTxid", next_log as "nextLog", next_account as "nextAccount", next_event as "nextEvent",
  encode(last_hash, 'hex') as "lastHash", last_timestamp as "lastTimestamp"`;

/**
 * Begins a transaction whose statements are planned once and find rows by index, however small a table was when its
 * statistics were taken: it may have grown a thousandfold since.
 */
export const begin = (connection: Connection): Promise<unknown> =>
  connection.query(
    "begin; set local enable_seqscan = off; set local plan_cache_mode = force_generic_plan",
  );

/**
 * The head of the ledger called `name`, locked until the transaction ends: one writer per ledger, in any process. Null
 * if nothing was ever written to it.
 */
export async function lockHead(connection: Connection, name: string): Promise<LockedHead | null> {
  const { rows } = await connection.query<LockedHead>({
    name: "lock_head",
    text: `select ${HEAD_COLUMNS}, pg_current_xact_id()::text as xid from ledgers where name = $1 for update`,
    values: [name],
  });
  return rows[0] ?? null;
}

/** The locked head of a ledger that was just missing: made now, or by somebody else meanwhile. */
export async function createHead(connection: Connection, name: string): Promise<LockedHead> {
  for (;;) {
    // Gives way to another one of that name, and to one that takes the same id.
    await connection.query(
      "insert into ledgers (id, name) select coalesce(max(id), 0) + 1, $1 from ledgers on conflict do nothing",
      [name],
    );
    const head = await lockHead(connection, name);
    if (head !== null) return head;
  }
}
