import type { NewTransactionEntry, SetMetadataEntry } from "./log.js";
import { type Needs, needAccount, needVolume, noNeeds } from "./needs.js";
import { append, type State } from "./state.js";
import type { Transaction } from "./transaction.js";
import { changeVolumes, volumeIn } from "./volumes.js";

/** A log from elsewhere: its form is sure, its place in the chain is not. */
export interface ForeignLog {
  readonly id: bigint;
  readonly entry: ForeignEntry;
  readonly hash: string;
  readonly actor: string | null;
}

/** Volumes do not travel: they follow from the postings. */
export type ForeignEntry = SetMetadataEntry | ForeignTransactionEntry;

type ForeignTransactionEntry = Pick<NewTransactionEntry, "type" | "date"> & {
  readonly transaction: Omit<Transaction, "volumes">;
};

/** What a state must hold before `logs` can be taken into it. */
export function needsOfLogs(logs: readonly ForeignLog[]): Needs {
  const needs = noNeeds();
  for (const { entry } of logs) {
    if (entry.type === "SET_METADATA") {
      if ("account" in entry.target) needAccount(needs, entry.target.account);
    } else {
      const { postings, reference } = entry.transaction;
      if (reference !== null) needs.references.add(reference);
      for (const { source, destination, asset } of postings) {
        needVolume(needs, source, asset);
        needVolume(needs, destination, asset);
      }
    }
  }
  return needs;
}

/**
 * Takes `log` into `state` as its next one, or tells what is wrong with it. History is not judged again: accounts may
 * end below zero, and time may run backwards.
 */
export function importLog(state: State, { id, entry, hash, actor }: ForeignLog): string | null {
  const { nextLogId } = state.head;
  if (id !== nextLogId) return `log ${nextLogId} is missing before it`;
  const problem =
    entry.type === "SET_METADATA"
      ? checkMetadata(state, entry)
      : checkTransaction(state, entry.transaction);
  if (problem !== null) return problem;
  append(state, [entry.type === "SET_METADATA" ? entry : complete(state, entry)], actor);
  return state.head.lastLog?.hash === hash ? null : "its hash does not follow from what it says";
}

const checkMetadata = ({ head }: State, { target }: SetMetadataEntry): string | null =>
  "txid" in target && target.txid >= head.nextTxid
    ? `there is no transaction ${target.txid}`
    : null;

function checkTransaction(
  { head, references }: State,
  { txid, reference }: ForeignTransactionEntry["transaction"],
): string | null {
  if (txid !== head.nextTxid) return `it has transaction ${txid} instead of ${head.nextTxid}`;
  const isTaken = reference !== null && references.has(reference);
  return isTaken ? `its reference is taken: ${reference}` : null;
}

function complete(state: State, entry: ForeignTransactionEntry): NewTransactionEntry {
  const volumes = changeVolumes(entry.transaction.postings, volumeIn(state.volumes));
  return { ...entry, transaction: { ...entry.transaction, volumes } };
}
