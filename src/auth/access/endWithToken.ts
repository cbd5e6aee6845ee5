import { interruptible } from "../../lib/interruptible.js";
import type { Result } from "../../lib/result.js";
import type { Clock, Micros } from "../../lib/time.js";
import type { Principal } from "../../server/principal.js";
import { toApiError } from "../../server/unwrap.js";
import { type AccessRefusal, accessCodes } from "./errors.js";

export interface TokenGuard {
  /** Whether the token is still good. */
  readonly check: () => Promise<Result<Principal, AccessRefusal>>;
  readonly expiresAt: Micros;
  readonly clock: Clock;
}

/** `messages`, until the token behind them dies: then UNAUTHENTICATED, however long the next message takes. */
export async function* endWithToken<T>(
  messages: AsyncIterable<T>,
  guard: TokenGuard,
): AsyncGenerator<T> {
  const death = new AbortController();
  const unwatch = watch(guard, (reason) => death.abort(reason));
  try {
    yield* interruptible(messages, death.signal);
  } finally {
    unwatch();
  }
}

/** How soon a stream notices that its client was deleted. */
const CHECK_INTERVAL_MS = 4_000;

/** Looks at the token now and then, and when it expires, until it is dead. Answers how to stop. */
function watch({ check, expiresAt, clock }: TokenGuard, onDeath: (reason: Error) => void) {
  let isWatching = true;
  let timer: NodeJS.Timeout;
  const lookLater = () => {
    const leftMs = Number((expiresAt - clock()) / 1000n) + 1;
    timer = setTimeout(look, Math.max(1, Math.min(leftMs, CHECK_INTERVAL_MS)));
  };
  const look = async () => {
    // A check that fails refuses nobody: streams outlive a database that is away for a moment.
    const result = await check().catch(() => null);
    if (result?.ok === false) onDeath(toApiError(result.failure, accessCodes));
    else if (isWatching) lookLater();
  };
  lookLater();
  return () => {
    isWatching = false;
    clearTimeout(timer);
  };
}
