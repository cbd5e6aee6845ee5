import type { Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";

/** What a timer of Node can wait for: told more, it would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Aborts when the client leaves, or `timeoutMs` are over. To be released when the call has ended. */
export function callSignal(
  response: Http2ServerResponse,
  timeoutMs: number | undefined,
): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableEnded)
      controller.abort(new ConnectError("the client left", Code.Canceled));
  });
  if (timeoutMs === undefined) return { signal: controller.signal, release: () => {} };
  const end = () =>
    controller.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
  if (timeoutMs <= 0) end();
  const timer = setTimeout(end, Math.min(timeoutMs, MAX_TIMER_MS));
  return { signal: controller.signal, release: () => clearTimeout(timer) };
}
