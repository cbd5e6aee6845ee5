import type { Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Cancellation, untilClientLeaves } from "../cancellation.js";

/** What a timer of Node can wait for: told more, it would end at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export interface CallEnd {
  readonly cancellation: Cancellation;
  /** To be called when the call has ended: with a reason, whatever still runs for it is to stop. */
  end(reason?: ConnectError): void;
}

/** Aborts when the client leaves, or `timeoutMs` are over. */
export function callEnd(response: Http2ServerResponse, timeoutMs: number | undefined): CallEnd {
  const cancellation = untilClientLeaves(response);
  let timer: NodeJS.Timeout | undefined;
  if (timeoutMs !== undefined) {
    const overrun = () =>
      cancellation.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
    if (timeoutMs <= 0) overrun();
    else timer = setTimeout(overrun, Math.min(timeoutMs, MAX_TIMER_MS));
  }
  return {
    cancellation,
    end(reason) {
      clearTimeout(timer);
      if (reason !== undefined) cancellation.abort(reason);
    },
  };
}
