import type { TraceHeaders } from "../lib/tracing.js";

/** One event, ready to be sent. */
export interface Message {
  /** Stable: "<ledger>:<log id>:<type>"; consumers drop repeated ones. */
  readonly id: string;
  /** Messages of one key keep their order: the ledger's name. */
  readonly key: string;
  /** "COMMITTED_TRANSACTIONS", … */
  readonly type: string;
  /** The envelope as JSON text. */
  readonly body: string;
}

/** Where events go. */
export interface Sink {
  /** "nats", "kafka" or "http". */
  readonly name: string;
  /**
   * Resolves when all of `messages` (one key, in order) are safely there. Rejects with `Rejected` for
   * a message that can never be delivered, with anything else for a passing fault. Ends by itself. Whoever takes them is told
   * of the trace.
   */
  publish(messages: readonly Message[], traceHeaders?: TraceHeaders): Promise<void>;
  close(): Promise<void>;
}

/** The receiver will never take this message: sending it again is pointless. */
export class Rejected extends Error {
  override readonly name = "Rejected";
  /** Id of the message; those before it in the same call were delivered, those after it were not. */
  readonly messageId: string;

  constructor(messageId: string, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.messageId = messageId;
  }
}

/** The receiver does not take messages now. Any other error but `Rejected` means the same; this one knows more. */
export class Deferred extends Error {
  override readonly name = "Deferred";
  /** How many messages of the call, counted from its first, were delivered. */
  readonly delivered: number;
  /** How long the receiver asks us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: string,
    {
      delivered,
      retryAfterMs,
      ...options
    }: ErrorOptions & { delivered: number; retryAfterMs?: number },
  ) {
    super(reason, options);
    this.delivered = delivered;
    this.retryAfterMs = retryAfterMs;
  }
}
