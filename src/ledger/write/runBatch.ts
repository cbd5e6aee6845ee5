import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type Db, withConnection } from "../../db/database.js";
import { fail, type Result } from "../../lib/result.js";
import type { Request } from "../domain/command.js";
import type { Receipt } from "../domain/execute.js";
import type { Refusal } from "../domain/failure.js";
import { begin, createHead, lockHead } from "../store/head.js";
import { isCommitted } from "../store/isCommitted.js";
import { hasMapping } from "../store/mappings.js";
import { readLog } from "../store/readLog.js";
import type { Cache } from "./cache.js";
import { type BatchOptions, commitBatch, LostCommit, type Trace } from "./commitBatch.js";
import { isHeld, isPassing } from "./faults.js";

export interface RunOptions extends BatchOptions {
  readonly db: Db;
  readonly logger: Logger;
  /** How long to try when the database fails us. */
  readonly patienceMs: number;
}

export interface Attempts extends RunOptions {
  /** When the first of the requests came, as `performance.now()` has it: it has waited since then. */
  readonly since: number;
}

/** Why a request has no answer from the ledger. */
export type Trouble =
  /** Nothing was written. */
  | { readonly kind: "unavailable" }
  /** Nothing was written: an import or another process held the ledger all the time. */
  | { readonly kind: "ledger-held" }
  /** It may have been written or not: only a request with an idempotency key can be repeated safely. */
  | { readonly kind: "outcome-unknown" };

export interface Run {
  readonly outcomes: readonly Result<Receipt, Refusal | Trouble>[];
  /** What is now known of the ledger. */
  readonly cache: Cache | null;
}

/**
 * Commits a batch whatever it takes, within patience: again after lost races and lost connections, and never twice.
 * Throws if the fault lies in the batch.
 */
export async function runBatch(
  known: Cache | null,
  requests: readonly Request[],
  options: Attempts,
): Promise<Run> {
  const { db, name, logger, since, patienceMs } = options;
  const deadline = since + patienceMs;
  let lost: LostCommit | null = null;
  let lookUntil = deadline;
  const refuse = (kind: Trouble["kind"]): Run => ({
    outcomes: requests.map(() => fail({ kind })),
    cache: known,
  });
  for (let attempt = 1; ; attempt++) {
    try {
      if (lost) {
        if (await isThere(db, name, lost.trace)) return { outcomes: lost.outcomes, cache: null };
        lost = null;
        if (performance.now() > deadline) return refuse("unavailable");
      }
      return await withConnection(db, (connection) =>
        commitBatch(connection, known, requests, options),
      );
    } catch (error) {
      // While the outcome is open, the batch must not be run again, whatever the error.
      if (!lost && !isPassing(error)) throw error;
      logger.warn({ err: error, ledger: name, attempt }, "batch not committed yet");
      if (error instanceof LostCommit) {
        lost = error;
        lookUntil = performance.now() + patienceMs;
      }
      if (performance.now() > (lost ? lookUntil : deadline)) {
        return refuse(lost ? "outcome-unknown" : isHeld(error) ? "ledger-held" : "unavailable");
      }
      await sleep(Math.random() * 10 * 2 ** Math.min(attempt, 7));
    }
  }
}

/**
 * Whether what left `trace` was committed. The transaction that may still be about to holds the head's lock, or has just inserted
 * the head: both are waited for.
 */
const isThere = (db: Db, name: string, { xid, log, mapping }: Trace): Promise<boolean> =>
  withConnection(db, async (connection) => {
    await begin(connection);
    const { id } = (await lockHead(connection, name)) ?? (await createHead(connection, name));
    // The content first: a standby that was promoted too early may have used the number for something else, or not yet.
    const isStored = log
      ? (await readLog(connection, id, log.id))?.hash === log.hash
      : mapping !== null && (await hasMapping(connection, id, mapping));
    return isStored && isCommitted(connection, xid);
  });
