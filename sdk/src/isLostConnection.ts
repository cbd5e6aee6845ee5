import { Code, type ConnectError } from "@connectrpc/connect";

/** Of Node's network errors, those that connect takes for internal ones. A server that stops refuses streams. */
const BROKEN = new Set([
  "EPIPE",
  "ERR_HTTP2_GOAWAY_SESSION",
  "ERR_HTTP2_SESSION_ERROR",
  "ERR_HTTP2_STREAM_ERROR",
]);

/**
 * Whether `error` is a transport's word for a connection that broke or was never made, given that nobody cancelled. Each
 * says it in its own way; what they have in common is that no headers came with it.
 */
export function isLostConnection(error: ConnectError): boolean {
  if (!error.metadata.entries().next().done) return false;
  const { code, cause } = error;
  switch (code) {
    // HTTP/2 streams of a connection that is gone; and Node's sockets, which have a cause.
    case Code.Canceled:
    case Code.Aborted:
      return true;
    // fetch fails with a TypeError, also in the middle of a body. A body may also just end.
    case Code.Unknown:
      return cause instanceof TypeError || cause === "missing EndStreamResponse";
    case Code.Internal:
      return cause instanceof Error && "code" in cause && BROKEN.has(String(cause.code));
    default:
      return false;
  }
}
