import type { Transport } from "@connectrpc/connect";
import { takesKey, withKey } from "./idempotencyKey.js";
import { isRead } from "./isRead.js";
import { type Patience, startRetries } from "./retries.js";

/**
 * `transport`, repeating unary calls that failed for a moment, where that is safe: reads, and writes that take an
 * idempotency key, which they get if they have none. A call and its repeats have the same key and one deadline. Streams
 * are passed on as they are.
 */
export const repeatSafely = (
  transport: Transport,
  patience: Patience & { readonly timeoutMs: number },
): Transport => ({
  stream: transport.stream,
  async unary(method, signal, givenMs, headers, input, contextValues) {
    const request = withKey(method.input, input, new Headers(headers).get("Idempotency-Key"));
    const retries = startRetries(patience, {
      method: `${method.parent.typeName}/${method.name}`,
      signal,
      timeoutMs: givenMs ?? patience.timeoutMs,
    });
    for (;;) {
      const { timeoutMs } = retries.timeLeft();
      try {
        return await transport.unary(method, signal, timeoutMs, headers, request, contextValues);
      } catch (error) {
        if (!takesKey(method) && !isRead(method)) throw error;
        await retries.waitAfter(error);
      }
    }
  },
});
