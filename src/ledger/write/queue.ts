import { onAbort } from "../../lib/onAbort.js";
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
}

export type Answer = Result<Receipt, Refusal | Trouble>;

/** A request whose caller waits. */
export interface Waiting {
  readonly request: Request;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Entry extends Waiting {
  readonly bytes: number;
  stopListening: (() => void) | undefined;
}

/** Requests in the order they came, until their turn. */
export interface Queue {
  /** Queues `request`; null if there is no room. Rejects with the signal's reason if it aborts before the turn. */
  add(request: Request, signal: AbortSignal | undefined): Promise<Answer> | null;
  /** The next requests, of about that many transactions together; at least one if any waits. */
  take(transactions: number): Waiting[];
  /** Whether `add` would take `request` now. */
  hasRoom(request: Request): boolean;
  readonly isEmpty: boolean;
}

export function createQueue({ maxWaiting, maxWaitingBytes }: QueueOptions): Queue {
  const waiting = new Set<Entry>();
  let waitingBytes = 0;
  const isFull = (bytes: number): boolean =>
    waiting.size >= maxWaiting || waitingBytes + bytes > maxWaitingBytes;
  function leave(entry: Entry): void {
    waiting.delete(entry);
    waitingBytes -= entry.bytes;
    entry.stopListening?.();
  }
  return {
    hasRoom: (request) => !isFull(sizeOf(request)),
    add(request, signal) {
      const bytes = sizeOf(request);
      if (isFull(bytes)) return null;
      return new Promise((resolve, reject) => {
        const entry: Entry = { request, bytes, resolve, reject, stopListening: undefined };
        waiting.add(entry);
        waitingBytes += bytes;
        entry.stopListening =
          signal &&
          onAbort(signal, () => {
            leave(entry);
            reject(signal.reason);
          });
      });
    },
    take(transactions) {
      const taken: Waiting[] = [];
      let room = transactions;
      for (const entry of waiting) {
        if (room <= 0) break;
        leave(entry);
        taken.push(entry);
        room -= transactionsIn(entry.request);
      }
      return taken;
    },
    get isEmpty() {
      return waiting.size === 0;
    },
  };
}

/** A revert is a small request that reads a transaction of any size back: few of them go together. */
const REVERT = 100;

function transactionsIn({ command }: Request): number {
  if (command.kind === "create-transactions") return command.transactions.length;
  return command.kind === "revert-transaction" ? REVERT : 1;
}
