import type { Operation, Refusal } from "./history.js";

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

const WORDS: readonly (readonly [Refusal, RegExp])[] = [
  ["insufficient funds", /balance\.insufficient\.|account had insufficient funds/],
  ["reference taken", /conflict error on reference/],
  ["not found", /transaction (\d+ )?not found/],
  ["already reverted", /already reverted/],
  ["key reused", /the idempotency key was used for another request/],
];

/** Why a ledger refused what was asked; undefined if it was not asked, or does not say. */
export function refusalIn({
  outcome,
  status,
  message,
}: Pick<Answer, "outcome" | "status" | "message">): Refusal | undefined {
  if (outcome !== "refused" || status === "ECONNREFUSED" || NOTHING_WRITTEN.test(message)) {
    return undefined;
  }
  return WORDS.find(([, words]) => words.test(message))?.[0] ?? "something else";
}

/** Numbers of the transactions that an answer shows: `data` is one, several, or absent. */
export function transactionIdsIn({ body }: Answer): string[] {
  const { data = [] } = (body ?? {}) as { data?: Shown | Shown[] };
  return [data].flat().map(({ txid }) => String(txid));
}

interface Shown {
  readonly txid: string | number;
}
