import { setImmediate } from "node:timers/promises";
import { fail, type Result } from "../../lib/result.js";
import type { Request } from "../domain/command.js";
import type { Receipt } from "../domain/execute.js";
import type { Refusal } from "../domain/failure.js";
import type { Cache } from "./cache.js";
import { createQueue, type QueueOptions, type Waiting, type Wanted } from "./queue.js";
import type { Run, RunOptions, Trouble } from "./runBatch.js";
import { type TraceOptions, traceBatch } from "./traceBatch.js";

export interface WriterOptions extends RunOptions, QueueOptions, TraceOptions {
  /** Is told the ledger's name after each commit. */
  onCommit(name: string): void;
}

/** Why a write did not happen. */
export type WriteFailure = Refusal | Trouble | { readonly kind: "queue-full" };

/** The one that writes to a ledger, for this process. */
export interface Writer {
  /**
   * Answers `request` when it is committed or refused. Rejects with the signal's reason if that has aborted when the turn
   * of the request comes; from then on it is carried through.
   */
  write(request: Request, signal?: Wanted): Promise<Result<Receipt, WriteFailure>>;
  /** Whether a write of that size would be queued now. */
  hasRoom(bytes: number): boolean;
  /** What is at work now, if anything: it ends when no request waits any more. */
  readonly work: Promise<void> | null;
}

/** Transactions that one commit takes along. */
const BATCH = 1000;

/** Answers that are given at a time: after these, whatever else is ready has its turn, the next batch above all. */
const AT_ONCE = 64;

export function createWriter(options: WriterOptions): Writer {
  const queue = createQueue(options);
  let cache: Cache | null = null;
  let work: Promise<void> | null = null;
  let answered: Promise<void> = Promise.resolve();

  /** While one batch commits, the one before it is answered, and the next one gathers. */
  async function drain(): Promise<void> {
    await setImmediate(); // for those that have come already, but were not read yet
    while (!queue.isEmpty) {
      const batch = queue.take(BATCH);
      const before = answered;
      if (batch.length > 0) await run(batch);
      queue.done();
      await (queue.isEmpty ? answered : before);
    }
    work = null;
  }

  /** Runs a batch; one that cannot be run is halved until the request at fault is alone. */
  async function run(batch: readonly Waiting[]): Promise<void> {
    let done: Run;
    try {
      const requests = batch.map(({ request }) => request);
      const [{ since } = { since: performance.now() }] = batch;
      done = await traceBatch(cache, requests, { ...options, since });
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error);
      const middle = Math.ceil(batch.length / 2);
      await run(batch.slice(0, middle));
      return run(batch.slice(middle));
    }
    // Committed: whatever fails from here on, nothing of it may be run again.
    const isChanged = done.cache !== cache;
    cache = done.cache;
    answered = answered.then(() => answer(batch, done.outcomes));
    if (isChanged) options.onCommit(options.name);
  }

  async function answer(batch: readonly Waiting[], outcomes: Run["outcomes"]): Promise<void> {
    for (const [index, outcome] of outcomes.entries()) {
      if (index > 0 && index % AT_ONCE === 0) await setImmediate();
      batch[index]?.resolve(outcome);
      if (outcome.ok && outcome.value.printed) logPrinted(outcome.value.printed);
    }
  }

  function logPrinted(texts: readonly string[]): void {
    for (const text of texts) options.logger.info({ ledger: options.name }, `print: ${text}`);
  }

  return {
    write(request, signal) {
      const answer = queue.add(request, signal);
      if (answer === null) return Promise.resolve(fail({ kind: "queue-full" }));
      work ??= drain();
      return answer;
    },
    hasRoom: queue.hasRoom,
    get work() {
      return work;
    },
  };
}
