/** A promise that was not kept. */
export interface Violation {
  readonly rule: Rule;
  readonly detail: string;
  /** Ids of the operations that show it. */
  readonly operations: readonly number[];
}

export type Rule =
  | "numbers without gaps"
  | "hash chain"
  | "stored volumes"
  | "stored metadata"
  | "stored moves"
  | "conservation"
  | "overdraft"
  | "invented log"
  | "exactly once"
  | "all or nothing"
  | "lost write"
  | "refused write"
  | "stored as asked"
  | "answer"
  | "idempotent repeat"
  | "idempotency key"
  | "refusal"
  | "preview"
  | "once only"
  | "mapping"
  | "order in time"
  | "impossible read"
  | "watcher"
  | "event"
  | "outbox"
  | "verification";

export const violation = (
  rule: Rule,
  detail: string,
  operations: readonly { readonly id: number }[] = [],
): Violation => ({ rule, detail, operations: operations.map(({ id }) => id) });
