import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, type Db, withConnection } from "../db/database.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { ForeignLog } from "./domain/importLog.js";
import { importChunks, type Stalled } from "./importChunks.js";
import type { Ledger } from "./ledger.js";
import { createLongJobs, type LongJobs, type LongJobsFull } from "./longJobs.js";
import { begin, createHead, type HeadRow, lockHead } from "./store/head.js";
import { readLog } from "./store/readLog.js";
import { startCache } from "./write/cache.js";
import { isBroken, isPassing } from "./write/faults.js";
import { importBatch } from "./write/importBatch.js";

/** Why an import did not happen. Nothing of it is left. */
export type ImportFailure =
  | { readonly kind: "ledger-not-empty"; readonly ledger: string }
  | InvalidLog
  | Stalled
  | LongJobsFull;

export interface InvalidLog {
  readonly kind: "invalid-log";
  /** As it was sent. */
  readonly log: bigint;
  readonly problem: string;
}

/** What was imported. */
export interface Imported {
  readonly logs: bigint;
  readonly transactions: bigint;
  /** Of the last log; null if there was none. */
  readonly lastHash: string | null;
}

/** Fills the empty ledger called `name` with `logs`: all of them, or none. */
export type ImportLogs = <F>(
  name: string,
  logs: AsyncIterable<Result<ForeignLog, F>>,
  signal: AbortSignal,
) => Promise<Result<Imported, F | ImportFailure>>;

/** How long a client may say nothing. PostgreSQL itself would wait twice as long. */
const STALL_MS = 30_000;

const CACHE_SIZE = 50_000;

/** How long to ask what became of a commit. */
const PATIENCE_MS = 10_000;

/** The connection broke while the commit was under way: all of it is there, or nothing. */
class LostImport extends Error {
  readonly imported: Imported;

  constructor(imported: Imported, cause: unknown) {
    super("the connection broke during the commit of an import", { cause });
    this.imported = imported;
  }
}

/** Each import keeps a connection until its client has sent all. */
export function createImport(
  { db }: Pick<Ledger, "db">,
  longJobs: LongJobs = createLongJobs(db),
  stallMs = STALL_MS,
): ImportLogs {
  return async (name, logs, signal) => {
    if (!longJobs.take()) return fail({ kind: "long-jobs-full" });
    try {
      return await withConnection(db, (connection) =>
        fill(connection, name, importChunks(logs, stallMs, signal), signal),
      );
    } catch (error) {
      if (!(error instanceof LostImport)) throw error;
      if (await isThere(db, name, error.imported)) return ok(error.imported);
      throw error.cause;
    } finally {
      longJobs.giveBack();
    }
  };
}

/** Whether the history is in the ledger called `name`. A commit that is still under way is waited for. */
async function isThere(db: Db, name: string, { logs, lastHash }: Imported): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await withConnection(db, async (connection) => {
        await begin(connection);
        const head = await lockHead(connection, name);
        const last = head && (await readLog(connection, head.id, logs - 1n));
        return last?.hash === lastHash;
      });
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

async function fill<F>(
  connection: Connection,
  name: string,
  chunks: ReturnType<typeof importChunks<F>>,
  signal: AbortSignal,
): Promise<Result<Imported, F | ImportFailure>> {
  const head = await lockOrCreate(connection, name);
  if (head.nextLog + head.nextEvent > 0n) return fail({ kind: "ledger-not-empty", ledger: name });
  let cache = await startCache(connection, head, CACHE_SIZE);
  for await (const chunk of chunks) {
    // Rolled back by whoever lent the connection, as with everything that is thrown.
    if (!chunk.ok) return chunk;
    const imported = await importBatch(connection, cache, chunk.value);
    if (!imported.ok) {
      const { id: log, problem } = imported.failure;
      return fail({ kind: "invalid-log", log, problem });
    }
    cache = imported.value;
  }
  signal.throwIfAborted();
  const { nextLogId: count, nextTxid: transactions, lastLog } = cache.head;
  const imported = { logs: count, transactions, lastHash: lastLog?.hash ?? null };
  try {
    await connection.query("commit");
  } catch (error) {
    if (!isBroken(error)) throw error;
    throw new LostImport(imported, error);
  }
  return ok(imported);
}

/**
 * The locked head. One that is made is committed first: as long as it is not, nobody else could make a ledger. An empty
 * ledger looks like one that is not there.
 */
async function lockOrCreate(connection: Connection, name: string): Promise<HeadRow> {
  await begin(connection);
  const head = await lockHead(connection, name);
  if (head !== null) return head;
  await createHead(connection, name);
  await connection.query("commit");
  await begin(connection);
  return (await lockHead(connection, name)) as HeadRow;
}
