import { failSpan, type TraceHeaders, type Tracing } from "../lib/tracing.js";
import { Deferred, type Message, Rejected, type Sink } from "./message.js";

/** A sink, and how patient we are with it. */
export interface Outlet {
  readonly sink: Sink;
  /** Failed attempts after which an event becomes a dead letter and the next one has its turn. */
  readonly maxAttempts: number;
  /** The longest wait between two attempts. */
  readonly maxWaitMs: number;
}

/** What became of a call to a sink. */
export interface Outcome {
  /** How many of the messages, from the first on, are there. */
  readonly delivered: number;
  /** Why the next one is not; null if all are there. */
  readonly failure: Failure | null;
}

export interface Failure {
  readonly reason: string;
  /** Another attempt would be pointless. */
  readonly isFinal: boolean;
  /** How long the receiver asks us to wait. */
  readonly retryAfterMs: number;
}

/** Publishes `messages`, and never throws. */
export async function attempt(
  sink: Sink,
  messages: readonly Message[],
  tracing: Tracing | null = null,
): Promise<Outcome> {
  if (tracing === null) return publish(sink, messages, {});
  const span = tracing.begin(`send ${sink.name}`, {
    kind: "producer",
    parent: null,
    attributes: {
      "messaging.system": sink.name,
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      "messaging.batch.message_count": messages.length,
    },
  });
  const outcome = await publish(sink, messages, tracing.headersOf(span));
  if (outcome.failure !== null) failSpan(span, outcome.failure.isFinal ? "rejected" : "deferred");
  span.end();
  return outcome;
}

async function publish(
  sink: Sink,
  messages: readonly Message[],
  traceHeaders: TraceHeaders,
): Promise<Outcome> {
  try {
    await sink.publish(messages, traceHeaders);
    return { delivered: messages.length, failure: null };
  } catch (error) {
    const reason = reasonOf(error);
    if (error instanceof Rejected) {
      const delivered = messages.findIndex(({ id }) => id === error.messageId);
      if (delivered >= 0) return { delivered, failure: { reason, isFinal: true, retryAfterMs: 0 } };
    }
    const { delivered = 0, retryAfterMs = 0 } = error instanceof Deferred ? error : {};
    return { delivered, failure: { reason, isFinal: false, retryAfterMs } };
  }
}

const LONGEST_REASON = 1000;

/** PostgreSQL stores no U+0000. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .replaceAll("\0", "")
    .slice(0, LONGEST_REASON);
