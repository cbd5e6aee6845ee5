import { atMost } from "../lib/atMost.js";
import type { Micros } from "../lib/time.js";
import type { Payment } from "./domain/payment.js";
import type { Payments } from "./payments.js";
import { nextEvent } from "./store/events.js";
import { readPaymentsBetween } from "./store/payments.js";
import { readResetsBetween } from "./store/resets.js";

/** Something that happened among the payments. */
export type Change = { readonly event: bigint; readonly date: Micros } & (
  | { readonly kind: "payment"; readonly payment: Payment }
  | { readonly kind: "reset"; readonly provider: string }
);

/** What happened after that event, or all payments there are; then what happens, until `signal` aborts. */
export type WatchPayments = (after: bigint | null, signal: AbortSignal) => AsyncGenerator<Change>;

const PAGE = 100;
/** How soon the commits of other processes are noticed. */
const POLL_MS = 500;
/** Of the connections, one in so many is there for all watchers together. */
const SHARE = 4;
/** Beyond what PostgreSQL counts. */
const LAST_EVENT = 2n ** 63n - 2n;

/** Lets any number watch, each at its own pace. */
export function createPaymentsWatch({ db, onCommit }: Payments): WatchPayments {
  const inTurn = atMost(Math.max(1, Math.floor(db.client.pool.max / SHARE)));

  /** Up to a page of what happened from an event on, and before another one, in order. */
  async function read(from: bigint, end: bigint): Promise<Change[]> {
    const [payments, resets] = await inTurn(async () => [
      await readPaymentsBetween(db, from, end, PAGE),
      await readResetsBetween(db, from, end, PAGE),
    ]);
    const changes: Change[] = [
      ...payments.map((payment): Change => {
        const { event, changedAt: date } = payment;
        return { kind: "payment", event, date, payment };
      }),
      ...resets.map((reset): Change => ({ kind: "reset", ...reset })),
    ];
    return changes.sort((one, other) => (one.event < other.event ? -1 : 1)).slice(0, PAGE);
  }

  /** Resolves after a commit of this process, or when it is time to look at those of others. */
  const news = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        unsubscribe();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, POLL_MS);
      const unsubscribe = onCommit(end);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });

  return async function* watchPayments(after, signal) {
    let next = after === null ? 0n : after < LAST_EVENT ? after + 1n : LAST_EVENT;
    while (!signal.aborted) {
      const arrival = news(signal);
      // Whatever comes later than this number is for the next round: what is below it is all there.
      const end = await inTurn(() => nextEvent(db));
      while (next < end) {
        const page = await read(next, end);
        for (const change of page) {
          if (signal.aborted) return;
          yield change;
          next = change.event + 1n;
        }
        if (page.length < PAGE) next = end;
      }
      await arrival;
    }
  };
}
