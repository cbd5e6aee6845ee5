import { fail, ok, type Result } from "../../lib/result.js";
import { type Micros, truncateToSecond } from "../../lib/time.js";
import type { Attributes, NewTransaction } from "./command.js";
import type { TransactionRefusal } from "./failure.js";
import { refuseFunds } from "./funds.js";
import type { NewTransactionEntry } from "./log.js";
import type { Mapping } from "./mapping.js";
import type { Metadata } from "./metadata.js";
import type { State } from "./state.js";
import {
  changeVolumes,
  type Volume,
  type VolumeChange,
  type VolumeOf,
  volumeIn,
  volumeKey,
} from "./volumes.js";

/** The circumstances of a decision. */
export interface Terms {
  readonly now: Micros;
  /** Whether the operator allows timestamps before the last transaction's. */
  readonly allowPastTimestamps: boolean;
}

/** The entries that commit `transactions`, each seeing the effects of those before; or why one of them cannot be. */
export function create(
  state: State,
  transactions: readonly NewTransaction[],
  terms: Terms,
): Result<NewTransactionEntry[], TransactionRefusal> {
  const entries: NewTransactionEntry[] = [];
  const draft = startDraft(state);
  for (const transaction of transactions) {
    const decided = transact(draft, transaction, terms);
    if (!decided.ok) return decided;
    entries.push(decided.value);
  }
  return ok(entries);
}

/** The state as the transactions of one command see it: what those before did is on top. */
export interface Draft {
  txid: bigint;
  lastTimestamp: Micros | null;
  readonly volumeOf: VolumeOf;
  readonly volumes: Map<string, Volume>;
  readonly isTaken: (reference: string) => boolean;
  readonly references: Set<string>;
  readonly mapping: Mapping;
  readonly metadata: ReadonlyMap<string, Metadata>;
}

export function startDraft(state: State): Draft {
  const volumes = new Map<string, Volume>();
  const references = new Set<string>();
  return {
    txid: state.head.nextTxid,
    lastTimestamp: state.head.lastTimestamp,
    volumes,
    references,
    mapping: state.mapping,
    metadata: state.metadata,
    volumeOf: volumeIn(volumes, state.volumes),
    isTaken: (reference) => references.has(reference) || state.references.has(reference),
  };
}

/** The entry that commits one transaction on `draft`, which then has its effects; or why it cannot be. */
export function transact(
  draft: Draft,
  transaction: NewTransaction,
  terms: Terms,
): Result<NewTransactionEntry, TransactionRefusal> {
  const refusal = refuse(draft, transaction, terms);
  if (refusal !== null) return fail(refusal);
  const volumes = changeVolumes(transaction.postings, draft.volumeOf);
  const unpaid = refuseFunds(volumes, draft.mapping, draft.metadata);
  if (unpaid !== null) return fail(unpaid);
  return ok(enter(draft, transaction, volumes, terms));
}

/** Why no transaction of this timestamp and reference can be committed on `draft`, whatever it moves. */
export function refuse(
  { lastTimestamp: last, isTaken }: Draft,
  { timestamp: given, reference }: Attributes,
  { allowPastTimestamps }: Terms,
): TransactionRefusal | null {
  if (given !== null && last !== null && given < last && !allowPastTimestamps) {
    return { kind: "past-timestamp", given, last };
  }
  if (reference !== null && isTaken(reference)) return { kind: "reference-taken", reference };
  return null;
}

/** The entry of a transaction that nothing speaks against, `volumes` being what its postings change. */
export function enter(
  draft: Draft,
  { postings, reference, metadata, timestamp: given }: NewTransaction,
  volumes: readonly VolumeChange[],
  { now }: Terms,
): NewTransactionEntry {
  const { txid, lastTimestamp: last } = draft;
  const timestamp = given ?? latest(truncateToSecond(now), last);
  draft.txid += 1n;
  draft.lastTimestamp = timestamp;
  if (reference !== null) draft.references.add(reference);
  for (const { account, asset, after } of volumes) {
    draft.volumes.set(volumeKey(account, asset), after);
  }
  const transaction = { txid, postings, reference, metadata, timestamp, volumes };
  return { type: "NEW_TRANSACTION", date: timestamp, transaction };
}

const latest = (instant: Micros, last: Micros | null): Micros =>
  last !== null && last > instant ? last : instant;
