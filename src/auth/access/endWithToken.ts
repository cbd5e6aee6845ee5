import { interruptible } from "../../lib/interruptible.js";
import type { Result } from "../../lib/result.js";
import type { Clock, Micros } from "../../lib/time.js";
import { toApiError } from "../../server/unwrap.js";
import { type AccessRefusal, accessCodes } from "./errors.js";

export interface TokenGuard {
  /** Whether the token is still good for the stream. */
  readonly check: () => Promise<Result<unknown, AccessRefusal>>;
  /** Calls `listener` when the token may have died; answers how to stop that. */
  readonly onForget: (listener: () => void) => () => void;
  readonly expiresAt: Micros;
  readonly clock: Clock;
}

/** `messages`, until the token behind them is good no longer: then why not, however long the next message takes. */
export const endWithToken = <T>(
  messages: AsyncIterable<T>,
  guard: TokenGuard,
): AsyncIterable<T> => ({
  [Symbol.asyncIterator]() {
    const death = new AbortController();
    const unwatch = watch(guard, (reason) => death.abort(reason));
    return interruptible(messages, death.signal, unwatch)[Symbol.asyncIterator]();
  },
});

/** How soon a stream looks at a token that died in another process. */
const CHECK_INTERVAL_MS = 2_000;

/** Looks at the token now and then, when it expires and when it is forgotten, until it is dead. Answers how to stop. */
function watch(guard: TokenGuard, onDeath: (reason: Error) => void): () => void {
  const { check, expiresAt, clock } = guard;
  let isWatching = true;
  let timer: NodeJS.Timeout;
  const lookLater = () => {
    const leftMs = Number((expiresAt - clock()) / 1000n) + 1;
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(1, Math.min(leftMs, CHECK_INTERVAL_MS)));
  };
  const look = async () => {
    // A check that fails refuses nobody: streams outlive a database that is away for a moment.
    const result = await check().catch(() => null);
    if (!isWatching) return;
    if (result?.ok === false) onDeath(toApiError(result.failure, accessCodes));
    else lookLater();
  };
  const stopListening = guard.onForget(look);
  lookLater();
  return () => {
    isWatching = false;
    clearTimeout(timer);
    stopListening();
  };
}
