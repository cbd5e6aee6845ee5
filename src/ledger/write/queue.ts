import type { Result } from "../../lib/result.js";
import type { Request } from "../domain/command.js";
import type { Receipt } from "../domain/execute.js";
import type { Refusal } from "../domain/failure.js";
import type { Trouble } from "./runBatch.js";
import { sizeOf } from "./sizeOf.js";

export interface QueueOptions {
  /** Requests that may wait. */
  readonly maxWaiting: number;
  /** Their size together. */
  readonly maxWaitingBytes: number;
  /** How long a request may expect to wait. */
  readonly maxWaitMs: number;
}

/** Of fewer transactions, most of what they take is the commit: many would be at least as fast, each. */
const TELLING = 500;

/** Whether a request is still wanted, and why not. */
export type Wanted = Pick<AbortSignal, "aborted" | "reason">;

export type Answer = Result<Receipt, Refusal | Trouble>;

/** A request whose caller waits. */
export interface Waiting {
  readonly request: Request;
  /** When it came, as `performance.now()` has it. */
  readonly since: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Entry extends Waiting {
  readonly bytes: number;
  readonly transactions: number;
  readonly signal: Wanted | undefined;
}

/** Requests in the order they came, until their turn. */
export interface Queue {
  /** Queues `request`; null if there is no room. Rejects at its turn, with the signal's reason, if that has aborted. */
  add(request: Request, signal?: Wanted): Promise<Answer> | null;
  /** The next requests, of about that many transactions together; none if nobody wants them any more. */
  take(transactions: number): Waiting[];
  /** What `take` gave last is done: it tells how fast the queue moves. */
  done(): void;
  /** Whether `add` would take a request of that size now; of none, whether it would take any. */
  hasRoom(bytes: number): boolean;
  readonly isEmpty: boolean;
}

export function createQueue(options: QueueOptions): Queue {
  const { maxWaiting, maxWaitingBytes, maxWaitMs } = options;
  const waiting: Entry[] = [];
  let waitingBytes = 0;
  let waitingTransactions = 0;
  const taken = { at: 0, transactions: 0 };
  /** Of one transaction among many, lately. */
  let paceMs = 0;
  /** Whether the first in line has waited too long already, or the next one would. */
  const isSlow = (): boolean => {
    const [first] = waiting;
    if (first !== undefined && performance.now() - first.since > maxWaitMs) return true;
    return (taken.transactions + waitingTransactions) * paceMs > maxWaitMs;
  };
  const isFull = (bytes: number): boolean =>
    waiting.length >= maxWaiting || waitingBytes + bytes > maxWaitingBytes || isSlow();
  return {
    hasRoom: (bytes) => !isFull(bytes),
    add(request, signal) {
      const bytes = sizeOf(request);
      const transactions = transactionsIn(request);
      if (isFull(bytes)) return null;
      return new Promise((resolve, reject) => {
        const since = performance.now();
        waiting.push({ request, since, bytes, transactions, signal, resolve, reject });
        waitingBytes += bytes;
        waitingTransactions += transactions;
      });
    },
    take(transactions) {
      const next: Waiting[] = [];
      const now = performance.now();
      let room = transactions;
      let count = 0;
      for (const entry of waiting) {
        if (room <= 0) break;
        count++;
        waitingBytes -= entry.bytes;
        waitingTransactions -= entry.transactions;
        if (entry.signal?.aborted) {
          entry.reject(entry.signal.reason);
        } else {
          next.push(entry);
          room -= entry.transactions;
        }
      }
      waiting.splice(0, count);
      taken.at = now;
      taken.transactions = transactions - room;
      return next;
    },
    done() {
      const { at, transactions } = taken;
      taken.transactions = 0;
      if (transactions === 0) return;
      const lastMs = (performance.now() - at) / transactions;
      if (transactions < TELLING) paceMs = Math.min(paceMs, lastMs);
      else paceMs = paceMs === 0 ? lastMs : (paceMs + lastMs) / 2;
    },
    get isEmpty() {
      return waiting.length === 0;
    },
  };
}

/** A revert is a small request that reads a transaction of any size back: few of them go together. */
const REVERT = 100;

function transactionsIn({ command }: Request): number {
  if (command.kind === "create-transactions") return command.transactions.length;
  return command.kind === "revert-transaction" ? REVERT : 1;
}
