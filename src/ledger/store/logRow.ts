import { formatInstant, type Micros } from "../../lib/time.js";
import { canonicalJson, type JsonObject } from "../domain/json.js";
import type { Entry, Log } from "../domain/log.js";
import type { Posting } from "../domain/posting.js";
import type { Transaction } from "../domain/transaction.js";
import {
  changeVolumes,
  type Volume,
  type VolumeChange,
  volumeIn,
  volumeKey,
} from "../domain/volumes.js";

/** A row of `logs`, read with `logColumns`. */
export type LogRow = TransactionRow | MetadataRow;

interface AnyRow {
  readonly id: bigint;
  readonly date: Micros;
  readonly hash: string;
  readonly actor: string | null;
  readonly metadata: JsonObject;
}

/** The log of a transaction. */
export interface TransactionRow extends AnyRow {
  readonly txid: bigint;
  readonly reference: string | null;
  /** Source, destination, asset, amount. */
  readonly postings: readonly (readonly [string, string, string, string])[];
  /** Account, asset, input, output; as they were before. */
  readonly volumes: readonly (readonly [string, string, string, string])[];
}

/** The log of a metadata write: one of its targets is set. */
interface MetadataRow extends AnyRow {
  readonly txid: null;
  readonly target_account: string | null;
  readonly target_txid: bigint;
}

export const logColumns = (metadata = "logs.metadata"): string =>
  `logs.id, logs.date, encode(logs.hash, 'hex') as hash, logs.actor, ${metadata} as metadata,
  logs.txid, logs.reference, logs.postings, logs.volumes, logs.target_account, logs.target_txid`;

export const toLog = (row: LogRow): Log => ({
  id: row.id,
  entry: toEntry(row),
  hash: row.hash,
  actor: row.actor,
});

const toEntry = (row: LogRow): Entry =>
  row.txid === null
    ? { type: "SET_METADATA", date: row.date, target: toTarget(row), metadata: row.metadata }
    : { type: "NEW_TRANSACTION", date: row.date, transaction: toTransaction(row) };

const toTarget = ({ target_account: account, target_txid: txid }: MetadataRow) =>
  account === null ? { txid } : { account };

export function toTransaction(row: TransactionRow): Transaction {
  const { txid, reference, metadata, date: timestamp } = row;
  const postings = row.postings.map(([source, destination, asset, amount]) => ({
    source,
    destination,
    asset,
    amount: BigInt(amount),
  }));
  const before = new Map<string, Volume>();
  for (const [account, asset, input, output] of row.volumes) {
    before.set(volumeKey(account, asset), { input: BigInt(input), output: BigInt(output) });
  }
  const volumes = changeVolumes(postings, volumeIn(before));
  return { txid, postings, reference, metadata, timestamp, volumes };
}

/** The row that `log` is written as; what is JSON there is text here. */
export function toRow({ id, entry, hash, actor }: Log) {
  const transaction = entry.type === "NEW_TRANSACTION" ? entry.transaction : null;
  const target = entry.type === "SET_METADATA" ? entry.target : null;
  return {
    id,
    date: formatInstant(entry.date),
    hash,
    actor,
    metadata: canonicalJson("metadata" in entry ? entry.metadata : entry.transaction.metadata),
    txid: transaction?.txid ?? null,
    reference: transaction?.reference ?? null,
    postings: transaction ? `[${transaction.postings.map(postingJson).join()}]` : "null",
    volumes: transaction ? `[${transaction.volumes.map(volumeJson).join()}]` : "null",
    targetAccount: target && "account" in target ? target.account : null,
    targetTxid: target && "txid" in target ? target.txid : null,
  };
}

// Addresses and assets hold nothing that JSON escapes.

const postingJson = ({ source, destination, asset, amount }: Posting): string =>
  `["${source}","${destination}","${asset}","${amount}"]`;

const volumeJson = ({ account, asset, before }: VolumeChange): string =>
  `["${account}","${asset}","${before.input}","${before.output}"]`;
