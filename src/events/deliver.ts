import type { Logger } from "pino";
import type { Db } from "../db/database.js";
import { failpoints } from "../lib/failpoint.js";
import type { Tracing } from "../lib/tracing.js";
import { waitAfter } from "./backOff.js";
import { countPublished, type EventMetrics } from "./eventMetrics.js";
import { attempt, type Outlet } from "./outlet.js";
import type { Source } from "./source.js";
import {
  bury,
  giveLeaseBack,
  type Lease,
  type Progress,
  renewLease,
  saveProgress,
  takeLease,
} from "./store/cursors.js";

export interface DeliveryOptions {
  readonly db: Db;
  readonly logger: Logger;
  readonly source: Source;
  readonly metrics: EventMetrics;
  /** Default: no spans. */
  readonly tracing?: Tracing | null;
  /** Aborts when no more is to be sent. */
  readonly stopping: AbortSignal;
  /** How long a process that died keeps others from its ledgers. */
  readonly leaseMs: number;
}

/** Calls to a sink after which other ledgers have their turn. */
const TURN = 50;

/**
 * Publishes what waits in `ledger` to the sink of `outlet`, in order and as the only one in any process. Answers whether
 * there is more to do at once.
 */
export async function deliver(
  options: DeliveryOptions,
  outlet: Outlet,
  ledger: string,
): Promise<boolean> {
  const { db, logger, leaseMs } = options;
  const taken = await takeLease(db, ledger, outlet.sink.name, leaseMs);
  if (taken === null) return false;
  const { lease, nextEvent } = taken;
  const renew = () => {
    renewLease(db, lease, leaseMs).catch((error) =>
      logger.warn({ err: error, ledger }, "the lease of a ledger's events was not renewed"),
    );
  };
  const renewal = setInterval(renew, leaseMs / 3);
  try {
    const end = await publish(options, outlet, lease, taken);
    if (end === null) return false;
    // What was committed before the outbox was read and is not in it will never be there.
    const isBehind = end.isDrained && end.place.row < nextEvent;
    const place = isBehind ? { row: nextEvent, sent: 0 } : end.place;
    await giveLeaseBack(db, lease, { ...end, place }, end.waitMs);
    return !end.isDrained && end.waitMs === 0;
  } finally {
    clearInterval(renewal);
  }
}

interface End extends Progress {
  /** Nothing is left. */
  readonly isDrained: boolean;
  /** 0, unless the sink failed. */
  readonly waitMs: number;
}

/** Null if the lease was lost: somebody else goes on from the place that was saved last. */
async function publish(
  { db, logger, source, metrics, tracing, stopping, leaseMs }: DeliveryOptions,
  outlet: Outlet,
  lease: Lease,
  start: Progress,
): Promise<End | null> {
  const { sink } = outlet;
  let progress = start;
  let saved = start;
  let calls = 0;
  for await (const events of source(lease.stream, start.place)) {
    for (let rest = events; rest.length > 0; ) {
      if (progress !== saved && !(await saveProgress(db, lease, progress, leaseMs))) return null;
      saved = progress;
      if (stopping.aborted || calls++ === TURN) return { ...progress, isDrained: false, waitMs: 0 };

      const messages = rest.map(({ message }) => message);
      const { delivered, failure } = await attempt(sink, messages, tracing);
      if (failpoints.reached) await failpoints.reached("sent", lease.stream.name);
      countPublished(metrics, sink.name, messages.slice(0, delivered));
      const last = rest[delivered - 1];
      if (last !== undefined) progress = { place: last.after, attempts: 0 };
      rest = rest.slice(delivered);
      const [next] = rest;
      if (failure === null || next === undefined) continue;
      // A stop cuts calls short, which is nobody's fault.
      if (stopping.aborted) return { ...progress, isDrained: false, waitMs: 0 };

      const { message, number, after } = next;
      const { reason } = failure;
      const attempts = progress.attempts + 1;
      const wait = waitAfter(failure, attempts, outlet);
      const context = { sink: sink.name, event: message.id, attempts, reason };
      metrics.failures.inc({ sink: sink.name });
      if (wait !== null) {
        logger.warn({ ...context, retryInMs: Math.round(wait) }, "event not published yet");
        return { ...progress, attempts, isDrained: false, waitMs: wait };
      }
      logger.error(context, "event is now a dead letter");
      saved = progress = { place: after, attempts: 0 };
      if (!(await bury(db, lease, progress, { number, message, reason, attempts }))) return null;
      rest = rest.slice(1);
    }
  }
  return { ...progress, isDrained: true, waitMs: 0 };
}
