/** What one client may cost. Sizes of request bodies belong to the handlers: only they know the method. */
export interface Limits {
  /** From accepting a connection to knowing its protocol; also for the TLS handshake. */
  readonly firstBytesTimeoutMs: number;
  /** For the head of an HTTP/1.1 request. */
  readonly headersTimeoutMs: number;
  /**
   * For a whole HTTP/1.1 request; for the silence of an HTTP/2 stream whose request has not ended; and for an answer of
   * which nothing is taken.
   */
  readonly requestTimeoutMs: number;
  /** For a connection without requests, and for a silent HTTP/2 client to answer a ping. Longer than the usual 60 s of load balancers, which must hang up first. */
  readonly keepAliveTimeoutMs: number;
  /** For all headers of a request. On HTTP/2 it is announced to clients; Node enforces 64 KiB there. */
  readonly maxHeaderBytes: number;
  /** Concurrent streams of one HTTP/2 connection. */
  readonly maxStreams: number;
  readonly maxConnections: number;
}

export const defaultLimits: Limits = {
  firstBytesTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 300_000,
  keepAliveTimeoutMs: 75_000,
  maxHeaderBytes: 16 * 1024,
  maxStreams: 256,
  maxConnections: 10_000,
};
