import { setTimeout as sleep } from "node:timers/promises";
import { type Begun, inOrder } from "../lib/inOrder.js";
import { interruptible } from "../lib/interruptible.js";
import { fail, type Result } from "../lib/result.js";
import type { Request } from "./domain/command.js";
import type { Receipt } from "./domain/execute.js";
import type { Closing, Ledger } from "./ledger.js";
import { sizeOf } from "./write/sizeOf.js";
import type { WriteFailure } from "./write/writer.js";

/** A request, and the name of the ledger that it is for. */
export interface Write {
  readonly ledger: string;
  readonly request: Request;
}

type Written<F> = Result<Receipt, F | WriteFailure | Closing>;

/** Of one stream: what one commit takes along, and as much to gather meanwhile. */
const WINDOW = { most: 2000, mostBytes: 8 * 1024 * 1024 };

/** How long others may keep the queue of a ledger full, and how often to look. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 10;

const REFUSAL_BYTES = 1000;

/**
 * Hands `writes` to their ledgers in order, many at a time, and answers each in that order. One that is refused, or was
 * no good to begin with, stops none of the others. Throws the signal's reason when that aborts: what was begun may
 * have happened or not.
 */
export function streamTransactions<F>(
  { hasRoom, write }: Ledger,
  writes: AsyncIterable<Result<Write, F>>,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): AsyncIterableIterator<Written<F>> {
  const start = ({ ledger, request }: Write, bytes: number): Begun<Written<F>> => ({
    result: write(ledger, request, signal),
    bytes,
  });
  /** Those behind it must not overtake it, so they wait too. */
  async function startLater(sent: Write, bytes: number): Promise<Begun<Written<F>>> {
    const deadline = performance.now() + patienceMs;
    while (!hasRoom(sent.ledger, bytes) && performance.now() < deadline) {
      await sleep(LOOK_MS, undefined, { signal });
    }
    return start(sent, bytes);
  }
  const begin = (sent: Result<Write, F>) => {
    if (!sent.ok) return { result: Promise.resolve(fail(sent.failure)), bytes: REFUSAL_BYTES };
    const { value } = sent;
    const bytes = sizeOf(value.request);
    return hasRoom(value.ledger, bytes) ? start(value, bytes) : startLater(value, bytes);
  };
  return inOrder(interruptible(writes, signal), begin, WINDOW);
}
