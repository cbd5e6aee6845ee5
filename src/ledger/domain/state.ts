import type { Micros } from "../../lib/time.js";
import { type Entry, type Link, type Log, link, type SetMetadataEntry } from "./log.js";
import { REVERTED } from "./metadata.js";
import type { Posting } from "./posting.js";
import type { Transaction } from "./transaction.js";
import { type Volume, volumeKey } from "./volumes.js";

/** Where a ledger stands. */
export interface Head {
  readonly nextTxid: bigint;
  readonly nextLogId: bigint;
  /** What the next log is chained to; null before the first. */
  readonly lastLog: Link | null;
  /** Of the last transaction; null before the first. */
  readonly lastTimestamp: Micros | null;
}

export const EMPTY_HEAD: Head = { nextTxid: 0n, nextLogId: 0n, lastLog: null, lastTimestamp: null };

/** A transaction that a revert asks for. */
export interface Revertible {
  readonly postings: readonly Posting[];
  readonly reference: string | null;
  readonly isReverted: boolean;
}

/** What was written under an idempotency key. */
export interface Answer {
  readonly requestHash: string;
  readonly firstLogId: bigint;
  readonly entries: readonly Entry[];
}

/**
 * What the writer of a ledger knows while it decides: all that the requests at hand may ask for, and no more.
 * Deciding reads it; `append` alone changes it.
 */
export interface State {
  head: Head;
  /** By `volumeKey`: of every account and asset that a request at hand may touch. */
  readonly volumes: Map<string, Volume>;
  readonly references: Set<string>;
  readonly transactions: Map<bigint, Revertible>;
  /** By idempotency key. */
  readonly answers: Map<string, Answer>;
  /** What was appended, in order. */
  readonly logs: Log[];
}

export const newState = (head: Head): State => ({
  head,
  volumes: new Map(),
  references: new Set(),
  transactions: new Map(),
  answers: new Map(),
  logs: [],
});

/** Writes `entries`, decided against this state, into it: each becomes the next log of the chain. */
export function append(state: State, entries: readonly Entry[], actor: string | null): void {
  for (const entry of entries) {
    const { nextTxid, nextLogId, lastLog, lastTimestamp } = state.head;
    const placed = link(lastLog, nextLogId, entry);
    const isTransaction = entry.type === "NEW_TRANSACTION";
    state.logs.push({ id: nextLogId, entry, hash: placed.hash, actor });
    state.head = {
      nextTxid: isTransaction ? nextTxid + 1n : nextTxid,
      nextLogId: nextLogId + 1n,
      lastLog: placed,
      lastTimestamp: isTransaction ? entry.date : lastTimestamp,
    };
    if (isTransaction) rememberTransaction(state, entry.transaction);
    else rememberMetadata(state, entry);
  }
}

function rememberTransaction(state: State, transaction: Transaction): void {
  const { txid, postings, reference, metadata, volumes } = transaction;
  if (reference !== null) state.references.add(reference);
  state.transactions.set(txid, { postings, reference, isReverted: REVERTED in metadata });
  for (const { account, asset, after } of volumes) {
    state.volumes.set(volumeKey(account, asset), after);
  }
}

function rememberMetadata(state: State, { target, metadata }: SetMetadataEntry): void {
  if ("account" in target || !(REVERTED in metadata)) return;
  const transaction = state.transactions.get(target.txid);
  if (transaction) state.transactions.set(target.txid, { ...transaction, isReverted: true });
}
