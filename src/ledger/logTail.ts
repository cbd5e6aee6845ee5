import type { Turns } from "../lib/atMost.js";
import type { Log } from "./domain/log.js";
import type { Ledger } from "./ledger.js";
import { findLedger } from "./store/findLedger.js";
import { readLogs } from "./store/logs.js";
import { ALWAYS } from "./store/timeRange.js";

/** Logs that are read at a time. */
const PAGE = 250;
/** New logs that are kept for those who follow closely. */
const KEPT = 1000;
/** How soon the commits of other processes are noticed. */
const POLL_MS = 500;

/** The log of a ledger and its growing end, which is read once for all who watch. */
export interface LogTail {
  /** Some logs from id `first` on; none if that one is still to come. */
  read(first: bigint): Promise<readonly Log[]>;
  /** Resolves when log `id` is there. Rejects with the signal's reason, and when the end cannot be followed any more. */
  reach(id: bigint, signal: AbortSignal): Promise<void>;
  /** Whether the end cannot be followed any more. */
  readonly isBroken: boolean;
  close(): void;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/** Follows the log of the ledger called `name` until it is closed, or breaks because the database fails. */
export function followLogs({ db, onCommit }: Ledger, name: string, inTurn: Turns): LogTail {
  let ledger: number | null = null;
  let end = 0n;
  /** Those right before `end`. */
  let newest: readonly Log[] = [];
  let isOpen = true;
  let hasNews = false;
  let wake = () => {};
  let broken: { readonly by: unknown } | null = null;
  const waiting = new Set<Waiting>();

  const unsubscribe = onCommit((committed) => {
    if (committed !== name) return;
    hasNews = true;
    wake();
  });
  const found = find();
  found.then(follow).catch((error) => {
    broken = { by: error };
    for (const each of waiting) each.reject(error);
  });

  async function find(): Promise<void> {
    const head = await inTurn(() => findLedger(db, name));
    ledger = head?.id ?? null;
    end = head?.nextLog ?? 0n;
  }

  async function follow(): Promise<void> {
    for (await news(); isOpen; await news()) {
      ledger ??= (await inTurn(() => findLedger(db, name)))?.id ?? null;
      if (ledger !== null) grow(await readFrom(end));
    }
  }

  /** Resolves after a commit of this process, and now and then, for those of others. */
  async function news(): Promise<void> {
    if (!hasNews && isOpen) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    hasNews = false;
  }

  function grow(logs: readonly Log[]): void {
    if (logs.length === 0) return;
    if (logs.length === PAGE) hasNews = true;
    newest = [...newest, ...logs].slice(-KEPT);
    end += BigInt(logs.length);
    for (const each of waiting) each.resolve();
  }

  async function readFrom(first: bigint): Promise<readonly Log[]> {
    const id = ledger ?? 0;
    const logs = await inTurn(() => readLogs(db, id, ALWAYS, { from: String(first) }, PAGE));
    const isWhole = logs.every((log, index) => log.id === first + BigInt(index));
    if (!isWhole || (logs.length === 0 && first < end))
      throw new RangeError(`ledger ${id}: logs are missing from ${first} on`);
    return logs;
  }

  return {
    async read(first) {
      await found;
      if (first >= end) return [];
      const skipped = Number(first - end) + newest.length;
      return skipped < 0 ? readFrom(first) : newest.slice(skipped, skipped + PAGE);
    },
    reach: (id, signal) =>
      new Promise((resolve, reject) => {
        if (broken) return reject(broken.by);
        if (signal.aborted) return reject(signal.reason);
        if (id < end) return resolve();
        const abort = () => each.reject(signal.reason);
        const leave = () => {
          waiting.delete(each);
          signal.removeEventListener("abort", abort);
        };
        const each = {
          resolve: () => {
            if (id >= end) return;
            leave();
            resolve();
          },
          reject: (error: unknown) => {
            leave();
            reject(error);
          },
        };
        waiting.add(each);
        signal.addEventListener("abort", abort);
      }),
    get isBroken() {
      return broken !== null;
    },
    close() {
      isOpen = false;
      unsubscribe();
      wake();
    },
  };
}
