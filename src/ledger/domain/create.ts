import { fail, ok, type Result } from "../../lib/result.js";
import { type Micros, truncateToSecond } from "../../lib/time.js";
import type { NewTransaction } from "./command.js";
import type { TransactionRefusal } from "./failure.js";
import type { NewTransactionEntry } from "./log.js";
import type { State } from "./state.js";
import {
  balance,
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
interface Draft {
  txid: bigint;
  lastTimestamp: Micros | null;
  readonly volumeOf: VolumeOf;
  readonly volumes: Map<string, Volume>;
  readonly isTaken: (reference: string) => boolean;
  readonly references: Set<string>;
}

export function startDraft(state: State): Draft {
  const volumes = new Map<string, Volume>();
  const references = new Set<string>();
  return {
    txid: state.head.nextTxid,
    lastTimestamp: state.head.lastTimestamp,
    volumes,
    references,
    volumeOf: volumeIn(volumes, state.volumes),
    isTaken: (reference) => references.has(reference) || state.references.has(reference),
  };
}

/** The entry that commits one transaction on `draft`, which then has its effects; or why it cannot be. */
export function transact(
  draft: Draft,
  { postings, reference, metadata, timestamp: given }: NewTransaction,
  { now, allowPastTimestamps }: Terms,
): Result<NewTransactionEntry, TransactionRefusal> {
  const { txid, lastTimestamp: last } = draft;
  if (given !== null && last !== null && given < last && !allowPastTimestamps) {
    return fail({ kind: "past-timestamp", given, last });
  }
  if (reference !== null && draft.isTaken(reference)) {
    return fail({ kind: "reference-taken", reference });
  }
  const volumes = changeVolumes(postings, draft.volumeOf);
  const unpaid = volumes.find(overdraws);
  if (unpaid) return fail(insufficientFunds(unpaid));

  const timestamp = given ?? latest(truncateToSecond(now), last);
  draft.txid += 1n;
  draft.lastTimestamp = timestamp;
  if (reference !== null) draft.references.add(reference);
  for (const { account, asset, after } of volumes) {
    draft.volumes.set(volumeKey(account, asset), after);
  }
  const transaction = { txid, postings, reference, metadata, timestamp, volumes };
  return ok({ type: "NEW_TRANSACTION", date: timestamp, transaction });
}

const latest = (instant: Micros, last: Micros | null): Micros =>
  last !== null && last > instant ? last : instant;

/** Only the end of a transaction counts, and an account below zero may still receive less than it owes. */
const overdraws = ({ account, before, after }: VolumeChange): boolean =>
  account !== "world" && balance(after) < 0n && balance(after) < balance(before);

const insufficientFunds = ({
  account,
  asset,
  before,
  after,
}: VolumeChange): TransactionRefusal => ({
  kind: "insufficient-funds",
  account,
  asset,
  available: balance(before),
  needed: balance(before) - balance(after),
});
