/** What the clients of a torture saw. Times are milliseconds of one monotonic clock. */
export interface History {
  readonly operations: readonly Operation[];
  readonly watched: readonly Watched[];
  /** In the order of arrival. */
  readonly deliveries: readonly Delivery[];
}

/** One thing that a client asked for. Each client does one at a time. */
export interface Operation {
  /** Its place in the history. */
  readonly id: number;
  readonly client: number;
  /** Index of the server that it was sent to. */
  readonly server: number;
  readonly ledger: string;
  readonly begin: number;
  /** Infinity if it was never answered. */
  readonly end: number;
  /** Refused: an answer that says that nothing was written. Unknown: it may have been written, or still be. */
  readonly outcome: "ok" | "refused" | "unknown";
  /** HTTP status or gRPC code, for people. */
  readonly status: string;
  readonly what: Write | Read;
}

/** Repeats under one idempotency key share marker and effects; another body has another marker. */
export interface Write {
  readonly kind: "write";
  /** Unique text of the request. */
  readonly marker: string;
  readonly idempotencyKey?: string;
  readonly dryRun: boolean;
  /** What it shall do: all, in this order, or nothing. */
  readonly effects: readonly Effect[];
  /** If it sets the mapping: the name of the only contract, unique. It has no effects then. */
  readonly mapping?: string;
  /** If it was answered with success. Ids are decimal text, one per transaction or revert; hit: `Idempotency-Hit`. */
  readonly answer?: {
    readonly transactionIds: readonly string[];
    readonly hit: boolean;
    /** The transactions as they were shown, printed by `shown.ts`. */
    readonly shown?: readonly string[];
  };
  /** If its ledger refused it. Who was turned away before that was told nothing of the ledger. */
  readonly refusal?: Refusal;
}

/** Why a ledger refuses a write. */
export type Refusal =
  | "insufficient funds"
  | "reference taken"
  | "not found"
  | "already reverted"
  | "key reused"
  /** Nothing that clients here ask for should ever be refused for that. */
  | "something else";

export type Effect =
  | {
      readonly type: "transaction";
      /** Unique: the value of `torture` in the transaction's metadata, by which it is found again. */
      readonly marker: string;
      readonly postings: readonly Posting[];
      readonly reference?: string;
      /** Accounts, besides world, that it lets go below zero. */
      readonly overdrafts?: readonly string[];
    }
  | { readonly type: "revert"; readonly transactionId: string }
  /** One log has all keys of a target that are set together: an effect for each, next to each other. */
  | {
      readonly type: "setMetadata";
      /** An address, or `tx:<id>`. */
      readonly target: string;
      readonly key: string;
      /** Unique in the history. */
      readonly value: string;
    };

export interface Posting {
  readonly source: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount: bigint;
}

export interface Read {
  readonly kind: "read";
  readonly seen: Seen;
}

export type Seen =
  /** Assets that are not there count as zero. */
  | {
      readonly type: "account";
      readonly address: string;
      readonly volumes: Readonly<
        Record<string, { readonly input: bigint; readonly output: bigint }>
      >;
      readonly metadata?: JsonObject;
    }
  | {
      readonly type: "transaction";
      readonly id: string;
      readonly found: boolean;
      readonly metadata?: JsonObject;
    }
  /** The newest ones, the newest first; of all, or of those that touch an account. */
  | (Page<{ readonly id: string; readonly metadata: JsonObject }> & {
      readonly type: "transactions";
      readonly account?: string;
    })
  | (Page<{ readonly id: string; readonly hash: string }> & { readonly type: "logs" })
  /** Of all accounts, by address, space and asset. */
  | { readonly type: "balances"; readonly balances: Readonly<Record<string, bigint>> }
  /** It was not answered. */
  | { readonly type: "nothing" };

export interface Page<Item> {
  readonly pageSize: number;
  readonly hasMore: boolean;
  readonly items: readonly Item[];
}

/** A JSON value as metadata holds it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** What one watcher was told from log 0 until it had the last one, resumed after the last one told as often as it took. */
export interface Watched {
  readonly ledger: string;
  readonly logIds: readonly string[];
}

/** One event that the sink was sent, whether the sink took it or not. */
export interface Delivery {
  readonly ledger: string;
  readonly messageId: string;
  /** The transactions in the body of COMMITTED_TRANSACTIONS; none for other types. */
  readonly transactionIds: readonly string[];
  /** Those transactions as the body shows them, printed by `shown.ts`. */
  readonly shown?: readonly string[];
  readonly at: number;
}
