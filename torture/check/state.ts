import type { JsonObject, Posting } from "../history.js";

export interface Volume {
  readonly input: bigint;
  readonly output: bigint;
}

/** What the database has of one ledger when all is over. */
export interface StoredLedger {
  readonly name: string;
  readonly head: {
    readonly nextTxid: bigint;
    readonly nextLog: bigint;
    readonly nextEvent: bigint;
    readonly lastHash: string | null;
  };
  /** By id. A log's index here is its position in the ledger, whatever its id. */
  readonly logs: readonly StoredLog[];
  /** By `volumeKey`. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** By target: an address, or `tx:<id>` of a transaction whose metadata changed after it was made. */
  readonly metadata: ReadonlyMap<string, JsonObject>;
  readonly keys: readonly StoredKey[];
  /** Which transactions touch which accounts, printed by `moveText`. */
  readonly moves: ReadonlySet<string>;
  /** All updates of the mapping, by event. */
  readonly mappings: readonly StoredMapping[];
  /** Rows of the outbox. */
  readonly untold: number;
  /** Message ids of dead letters. */
  readonly dead: readonly string[];
}

/** What an idempotency key stands for: the logs from the first to the last. */
export interface StoredKey {
  readonly key: string;
  readonly first: bigint;
  readonly last: bigint;
}

export interface StoredMapping {
  /** Its number among the events of its ledger. */
  readonly event: bigint;
  /** Canonical JSON. */
  readonly contracts: string;
}

export type StoredLog = TransactionLog | MetadataLog;

interface AnyLog {
  readonly id: bigint;
  /** RFC 3339. */
  readonly date: string;
  readonly hash: string;
  readonly metadata: JsonObject;
}

export interface TransactionLog extends AnyLog {
  readonly type: "transaction";
  readonly txid: bigint;
  readonly reference: string | null;
  readonly postings: readonly Posting[];
  /** Volumes that it touches, as they were before, by `volumeKey`. */
  readonly before: ReadonlyMap<string, Volume>;
}

export interface MetadataLog extends AnyLog {
  readonly type: "metadata";
  readonly target: string;
}

/** Neither part can hold a space. */
export const volumeKey = (account: string, asset: string): string => `${account} ${asset}`;

export const moveText = (move: {
  readonly txid: string | bigint;
  readonly account: string;
  readonly isSource: boolean;
  readonly isDestination: boolean;
}): string =>
  `transaction ${move.txid}, ${move.account}${move.isSource ? ", source" : ""}${move.isDestination ? ", destination" : ""}`;
