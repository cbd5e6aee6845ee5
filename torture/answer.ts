import type { Operation } from "./history.js";

/** What became of a call. */
export interface Answer {
  readonly outcome: Operation["outcome"];
  /** HTTP status, gRPC code, or the name of what went wrong on the way. */
  readonly status: string;
  /** If it was an error. */
  readonly message: string;
  /** Idempotency-Hit. */
  readonly hit: boolean;
  /** As REST shows it, but for 64-bit integers, which may be text. Null if there was none. */
  readonly body: unknown;
}

export const failed = (
  outcome: "refused" | "unknown",
  status: string,
  message: string,
): Answer => ({ outcome, status, message, hit: false, body: null });

/**
 * Errors of the server that say that nothing was written, though their status alone leaves it open: the database was not
 * reached, the server stops, a queue is full.
 */
export const NOTHING_WRITTEN =
  /nothing was written|the server is stopping|too many writes wait for this ledger/;

/** Numbers of the transactions that an answer shows: `data` is one, several, or absent. */
export function transactionIdsIn({ body }: Answer): string[] {
  const { data = [] } = (body ?? {}) as { data?: Shown | Shown[] };
  return [data].flat().map(({ txid }) => String(txid));
}

interface Shown {
  readonly txid: string | number;
}
