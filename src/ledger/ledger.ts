import type { Logger } from "pino";
import type { Db } from "../db/database.js";
import { fail, type Result } from "../lib/result.js";
import type { Clock } from "../lib/time.js";
import type { Tracing } from "../lib/tracing.js";
import type { Request } from "./domain/command.js";
import type { Receipt } from "./domain/execute.js";
import { createSearch, type Search } from "./search.js";
import { findLedger } from "./store/findLedger.js";
import type { Wanted } from "./write/queue.js";
import { recent } from "./write/recent.js";
import { createWriter, type WriteFailure, type Writer } from "./write/writer.js";

const LIMITS = {
  /** Requests of one ledger that may wait, and their size together. */
  maxWaiting: 4_000,
  maxWaitingBytes: 64 * 1024 * 1024,
  /** How long a request may expect to wait for its turn. More that wait help no commit, and outlive collections of young objects. */
  maxWaitMs: 150,
  /** Accounts, and as many volumes, that a ledger's writer remembers. */
  cacheSize: 50_000,
  /** Idle writers that are kept for the next write, with all they remember. */
  maxWriters: 256,
  /** How long a batch is tried when the database fails us. */
  patienceMs: 10_000,
  /** How long a query may take whose cost the caller chose. */
  queryTimeoutMs: 5_000,
};

export interface LedgerOptions {
  readonly db: Db;
  /** Connections that writes need not share with reads. Default: those of `db`. */
  readonly reserved?: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Timestamps before the last transaction's. */
  readonly allowPastTimestamps: boolean;
  /** Whether events go anywhere. Default: no, and none are kept. */
  readonly hasSinks?: boolean;
  /** Default: no spans. */
  readonly tracing?: Tracing | null;
  readonly limits?: Partial<typeof LIMITS>;
}

/** All ledgers of a database, as one process sees them. */
export interface Ledger {
  readonly db: Db;
  /** For queries whose cost the caller chose. */
  readonly search: Search;
  /** Id of the ledger called `name`; null if nothing was ever written to it. */
  idOf(name: string): Promise<number | null>;
  /** Hands `request` to the writer of the ledger called `name`, as `Writer.write` does. */
  write(
    name: string,
    request: Request,
    signal?: Wanted,
  ): Promise<Result<Receipt, WriteFailure | Closing>>;
  /** Whether a write of that size to the ledger called `name` would be queued now. */
  hasRoom(name: string, bytes: number): boolean;
  /** Calls `listener` with a ledger's name whenever this process has committed to it; returns what ends that. */
  onCommit(listener: (name: string) => void): () => void;
  /** Takes no more writes; resolves when those that wait are answered. */
  close(): Promise<void>;
}

/** The process is about to end. */
export interface Closing {
  readonly kind: "closing";
}

export function createLedger(options: LedgerOptions): Ledger {
  const { reserved = options.db } = options;
  const limits = { ...LIMITS, ...options.limits };
  const writers = new Map<string, Writer>();
  /** An id never changes, and no ledger goes away. */
  const ids = recent<number>(1000);
  const listeners = new Set<(name: string) => void>();
  let isClosing = false;

  function onCommit(name: string): void {
    for (const listener of listeners) {
      try {
        listener(name);
      } catch (err) {
        options.logger.error({ err, ledger: name }, "whoever waited for a commit failed");
      }
    }
  }

  /** The writer of the ledger called `name`, from now on the last one to be forgotten. */
  function writerOf(name: string): Writer {
    const writer =
      writers.get(name) ??
      createWriter({ hasSinks: false, ...options, ...limits, db: reserved, name, onCommit });
    writers.delete(name);
    writers.set(name, writer);
    return writer;
  }

  function forgetIdle(): void {
    for (const [name, { work }] of writers) {
      if (writers.size <= limits.maxWriters) return;
      if (work === null) writers.delete(name);
    }
  }

  return {
    db: options.db,
    search: createSearch(options.db, limits.queryTimeoutMs),
    async idOf(name) {
      const id = ids.get(name) ?? (await findLedger(options.db, name))?.id;
      if (id !== undefined) ids.set(name, id);
      return id ?? null;
    },
    write(name, request, signal) {
      if (isClosing) return Promise.resolve(fail({ kind: "closing" }));
      const answer = writerOf(name).write(request, signal);
      forgetIdle();
      return answer;
    },
    hasRoom: (name, bytes) => writers.get(name)?.hasRoom(bytes) ?? true,
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      isClosing = true;
      await Promise.all([...writers.values()].map(({ work }) => work));
    },
  };
}
