import type { Micros } from "../../lib/time.js";
import { type Entry, type Link, type Log, link, type SetMetadataEntry } from "./log.js";
import { type Mapping, NO_MAPPING } from "./mapping.js";
import { type Metadata, mergeMetadata } from "./metadata.js";
import type { OutboxEvent } from "./outbox.js";
import type { Posting } from "./posting.js";
import type { Transaction } from "./transaction.js";
import { baseOf, type Volume, volumeKey } from "./volumes.js";

/** Where a ledger stands. */
export interface Head {
  readonly nextTxid: bigint;
  readonly nextLogId: bigint;
  readonly nextEvent: bigint;
  /** What the next log is chained to; null before the first. */
  readonly lastLog: Link | null;
  /** Of the last transaction; null before the first. */
  readonly lastTimestamp: Micros | null;
}

export const EMPTY_HEAD: Head = {
  nextTxid: 0n,
  nextLogId: 0n,
  nextEvent: 0n,
  lastLog: null,
  lastTimestamp: null,
};

/** A transaction that a revert asks for. */
export interface Revertible {
  readonly postings: readonly Posting[];
  readonly reference: string | null;
  /** As it is now. */
  readonly metadata: Metadata;
}

/** What was written under an idempotency key. */
export interface Answer {
  readonly requestHash: string;
  /** Number of the first log; null for an update of the mapping, which leaves none. */
  readonly firstLogId: bigint | null;
  readonly entries: readonly Entry[];
  /** Number of the update of the mapping, if it was one. */
  readonly mapping: bigint | null;
}

/** An update of the mapping, under the number of its event. */
export interface MappingUpdate {
  readonly event: bigint;
  readonly date: Micros;
  readonly actor: string | null;
  readonly mapping: Mapping;
}

/**
 * What the writer of a ledger knows while it decides: all that the requests at hand may ask for, and no more.
 * Deciding reads it; the functions below alone change it.
 */
export interface State {
  head: Head;
  /** The rules for balances. */
  mapping: Mapping;
  /** Number of each account that was looked up, by address; null if it is yet to be made. */
  readonly accounts: Map<string, bigint | null>;
  /** By `volumeKey`: of every account and asset that a request at hand may touch. */
  readonly volumes: Map<string, Volume>;
  /** Of accounts all of whose assets of a base are in `volumes`: those assets, by `volumeKey` of account and base. */
  readonly scales: Map<string, Set<string>>;
  /** Of accounts whose metadata a request at hand may read, by address. */
  readonly metadata: Map<string, Metadata>;
  readonly references: Set<string>;
  readonly transactions: Map<bigint, Revertible>;
  /** By idempotency key. */
  readonly answers: Map<string, Answer>;
  /** What was appended, in order. */
  readonly logs: Log[];
  readonly mappingUpdates: MappingUpdate[];
  readonly events: OutboxEvent[];
}

export const newState = (head: Head, mapping: Mapping = NO_MAPPING): State => ({
  head,
  mapping,
  accounts: new Map(),
  volumes: new Map(),
  scales: new Map(),
  metadata: new Map(),
  references: new Set(),
  transactions: new Map(),
  answers: new Map(),
  logs: [],
  mappingUpdates: [],
  events: [],
});

/** Writes `entries`, decided against this state, into it: each becomes the next log of the chain. */
export function append(state: State, entries: readonly Entry[], actor: string | null): void {
  for (const entry of entries) {
    const { nextTxid, nextLogId, nextEvent, lastLog, lastTimestamp } = state.head;
    const placed = link(lastLog, nextLogId, entry);
    const isTransaction = entry.type === "NEW_TRANSACTION";
    state.logs.push({ id: nextLogId, entry, hash: placed.hash, actor });
    state.head = {
      nextTxid: isTransaction ? nextTxid + 1n : nextTxid,
      nextLogId: nextLogId + 1n,
      nextEvent,
      lastLog: placed,
      lastTimestamp: isTransaction ? entry.date : lastTimestamp,
    };
    if (isTransaction) rememberTransaction(state, entry.transaction);
    else rememberMetadata(state, entry);
  }
}

/** Puts `mapping` in force. */
export function updateMapping(
  state: State,
  mapping: Mapping,
  actor: string | null,
  date: Micros,
): void {
  state.mapping = mapping;
  state.mappingUpdates.push({ event: state.head.nextEvent, date, actor, mapping });
}

/** Notes what is to be told of what was written. */
export function record(state: State, events: readonly OutboxEvent[]): void {
  state.events.push(...events);
  const { nextTxid, nextLogId, nextEvent, lastLog, lastTimestamp } = state.head;
  state.head = {
    nextTxid,
    nextLogId,
    nextEvent: nextEvent + BigInt(events.length),
    lastLog,
    lastTimestamp,
  };
}

function rememberTransaction(state: State, transaction: Transaction): void {
  const { txid, postings, reference, metadata, volumes } = transaction;
  if (reference !== null) state.references.add(reference);
  state.transactions.set(txid, { postings, reference, metadata });
  for (const { account, asset, after } of volumes) {
    state.volumes.set(volumeKey(account, asset), after);
    if (state.scales.size > 0) state.scales.get(volumeKey(account, baseOf(asset)))?.add(asset);
  }
}

function rememberMetadata(state: State, { target, metadata }: SetMetadataEntry): void {
  if ("account" in target) {
    if (state.metadata.has(target.account)) mergeMetadata(state.metadata, target.account, metadata);
    return;
  }
  const transaction = state.transactions.get(target.txid);
  if (transaction === undefined) return;
  const merged = { ...transaction.metadata, ...metadata };
  state.transactions.set(target.txid, { ...transaction, metadata: merged });
}
