import type { Log } from "./log.js";
import { type Metadata, mergeMetadata } from "./metadata.js";
import type { Transaction } from "./transaction.js";
import { type VolumeChange, volumeKey } from "./volumes.js";

/** That a transaction touches an account. */
export interface Move {
  readonly account: string;
  readonly txid: bigint;
  isSource: boolean;
  isDestination: boolean;
}

/** What a run of logs does to what its ledger holds. */
export interface Effects {
  /** The last change of each volume, by `volumeKey`. */
  readonly volumes: Map<string, VolumeChange>;
  /** Every account that is named, and what is merged into its metadata. */
  readonly accounts: Map<string, Metadata>;
  /** What is merged into the metadata of transactions after they were made. */
  readonly transactions: Map<bigint, Metadata>;
  readonly moves: Move[];
}

export function effectsOf(logs: Iterable<Log>): Effects {
  const effects: Effects = {
    volumes: new Map(),
    accounts: new Map(),
    transactions: new Map(),
    moves: [],
  };
  for (const { entry } of logs) {
    if (entry.type === "NEW_TRANSACTION") addTransaction(effects, entry.transaction);
    else if ("account" in entry.target)
      mergeMetadata(effects.accounts, entry.target.account, entry.metadata);
    else mergeMetadata(effects.transactions, entry.target.txid, entry.metadata);
  }
  return effects;
}

function addTransaction({ volumes, accounts, moves }: Effects, transaction: Transaction): void {
  for (const change of transaction.volumes) {
    volumes.set(volumeKey(change.account, change.asset), change);
    if (!accounts.has(change.account)) accounts.set(change.account, {});
  }
  for (const move of movesOf(transaction)) moves.push(move);
}

function movesOf({ txid, postings }: Transaction): Iterable<Move> {
  const moves = new Map<string, Move>();
  const moveOf = (account: string): Move => {
    const move = moves.get(account) ?? { account, txid, isSource: false, isDestination: false };
    moves.set(account, move);
    return move;
  };
  for (const { source, destination } of postings) {
    moveOf(source).isSource = true;
    moveOf(destination).isDestination = true;
  }
  return moves.values();
}
