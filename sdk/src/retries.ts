import { Code } from "@connectrpc/connect";
import { backOffMs } from "./backOff.js";
import { FlorinError } from "./florinError.js";

/** A call that failed and is about to be repeated. */
export interface Retry {
  /** Name of the RPC, e.g. "florin.ledger.v1.LedgerService/CreateTransaction". */
  readonly method: string;
  /** How many times in a row it has failed: 1 before the first repeat. */
  readonly failures: number;
  /** How long is waited before the repeat. */
  readonly delayMs: number;
  /** What it failed with. */
  readonly error: FlorinError;
}

/** How patient a client is. */
export interface Patience {
  /** How often a call is repeated at most. */
  readonly maxRetries: number;
  /** Told of every repeat, before the wait. */
  readonly onRetry: (retry: Retry) => void;
}

/** One call, however often it is repeated. */
interface Call {
  readonly method: string;
  readonly signal: AbortSignal | undefined;
  /** For the call with all its repeats; absent, 0, or longer than gRPC can say: no end. */
  readonly timeoutMs: number | undefined;
}

/** Counts the failures of a call, and waits before its repeats. */
export interface Retries {
  /** What is left of the call's time, as an option of calls; nothing if it has no end. */
  timeLeft(): { readonly timeoutMs?: number };
  /** Says that what is counted from now on is another row of failures. */
  succeeded(): void;
  /** Waits until the call may be repeated; throws `error` if it may not. A wait ends when the call is cancelled. */
  waitAfter(error: unknown, maxRetries?: number): Promise<void>;
}

/** gRPC says timeouts in eight digits: nearly 28 hours. */
const LONGEST_TIMEOUT_MS = 99_999_999;

export function startRetries(patience: Patience, { method, signal, timeoutMs }: Call): Retries {
  const hasEnd = timeoutMs !== undefined && timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS;
  const deadline = hasEnd ? performance.now() + timeoutMs : Number.POSITIVE_INFINITY;
  const remaining = () => deadline - performance.now();
  let failures = 0;
  return {
    // Transports take whole numbers, and 0 for "no end".
    timeLeft: () => (hasEnd ? { timeoutMs: Math.max(1, Math.ceil(remaining())) } : {}),
    succeeded() {
      failures = 0;
    },
    async waitAfter(error, maxRetries = patience.maxRetries) {
      if (!(error instanceof FlorinError) || !isTransient(error)) throw error;
      const delayMs = backOffMs(failures, retryAfter(error));
      if (failures >= maxRetries || delayMs >= remaining() || signal?.aborted === true) throw error;
      failures += 1;
      patience.onRetry({ method, failures, delayMs, error });
      await sleep(delayMs, signal);
    },
  };
}

/**
 * Whether the same call may succeed a little later. RESOURCE_EXHAUSTED says so by Retry-After; without it, the call
 * itself is too large.
 */
const isTransient = (error: FlorinError): boolean =>
  error.code === Code.Unavailable ||
  (error.code === Code.ResourceExhausted && retryAfter(error) !== null);

const retryAfter = (error: FlorinError) => error.cause.metadata.get("Retry-After");

function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
