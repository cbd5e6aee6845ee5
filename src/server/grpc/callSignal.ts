import type { Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";

/** What a timer of Node can wait for: told more, it would end at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export interface CallSignal {
  readonly signal: AbortSignal;
  /** To be called when the call has ended: with a reason, whatever still runs for it is to stop. */
  end(reason?: ConnectError): void;
}

/** Aborts when the client leaves, or `timeoutMs` are over. */
export function callSignal(
  response: Http2ServerResponse,
  timeoutMs: number | undefined,
): CallSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableEnded)
      controller.abort(new ConnectError("the client left", Code.Canceled));
  });
  let timer: NodeJS.Timeout | undefined;
  if (timeoutMs !== undefined) {
    const overrun = () =>
      controller.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
    if (timeoutMs <= 0) overrun();
    else timer = setTimeout(overrun, Math.min(timeoutMs, MAX_TIMER_MS));
  }
  return {
    signal: controller.signal,
    end(reason) {
      clearTimeout(timer);
      if (reason !== undefined) controller.abort(reason);
    },
  };
}
