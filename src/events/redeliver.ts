import { waitAfter } from "./backOff.js";
import type { DeliveryOptions } from "./deliver.js";
import { countPublished } from "./eventMetrics.js";
import { attempt, type Outlet } from "./outlet.js";
import {
  claimDeadLetter,
  deleteDeadLetter,
  keepDeadLetter,
  type LetterKey,
} from "./store/deadLetters.js";

/** No attempt takes as long as that. */
const CLAIM_MS = 60_000;

/** Attempts at a dead letter that was put back into delivery, where a sink is tried for ever otherwise. */
const MOST_ATTEMPTS = 20;

/** Sends a dead letter once more. It goes, or waits for another attempt, or rests again. */
export async function redeliver(
  { db, logger, metrics, tracing }: Pick<DeliveryOptions, "db" | "logger" | "metrics" | "tracing">,
  outlet: Outlet,
  key: LetterKey,
): Promise<void> {
  const letter = await claimDeadLetter(db, key, CLAIM_MS);
  if (letter === null) return;
  const { sink } = outlet;
  const { message, attempts } = letter;
  const { failure } = await attempt(sink, [message], tracing);
  if (failure === null) {
    countPublished(metrics, sink.name, [message]);
    logger.info({ sink: sink.name, event: message.id }, "dead letter published");
    await deleteDeadLetter(db, key);
    return;
  }
  metrics.failures.inc({ sink: sink.name });
  const { reason } = failure;
  logger.warn(
    { sink: sink.name, event: message.id, attempts, reason },
    "dead letter not published",
  );
  const maxAttempts = Math.min(outlet.maxAttempts, MOST_ATTEMPTS);
  const wait = waitAfter(failure, attempts, { ...outlet, maxAttempts });
  await keepDeadLetter(db, { ...key, reason }, wait);
}
