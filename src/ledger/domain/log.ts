import { hash } from "node:crypto";
import { formatInstant, type Micros } from "../../lib/time.js";
import { canonicalJson, jsonString } from "./json.js";
import type { Metadata } from "./metadata.js";
import type { Posting } from "./posting.js";
import type { Transaction } from "./transaction.js";

/** What metadata belongs to: an address or the number of a transaction. */
export type Target = { readonly account: string } | { readonly txid: bigint };

/** What a log records. */
export type Entry = NewTransactionEntry | SetMetadataEntry;

export interface NewTransactionEntry {
  readonly type: "NEW_TRANSACTION";
  /** The transaction's timestamp. */
  readonly date: Micros;
  readonly transaction: Transaction;
}

export interface SetMetadataEntry {
  readonly type: "SET_METADATA";
  readonly date: Micros;
  readonly target: Target;
  /** Only what was sent: each key replaces the one before. */
  readonly metadata: Metadata;
}

/** A link of the ledger's chain. */
export interface Log {
  /** 0, 1, 2, … in its ledger, without gaps. */
  readonly id: bigint;
  readonly entry: Entry;
  /** SHA-256 in lower-case hex, over the log before and this one. */
  readonly hash: string;
  /** Who wrote it, if known. Outside the hash. */
  readonly actor: string | null;
}

/** The place of an entry in the chain: its hash, and the text that the next link begins with. */
export interface Link {
  readonly hash: string;
  readonly json: string;
}

/** Chains `entry` to the log before; null for the first one. */
export function link(previous: Link | null, id: bigint, entry: Entry): Link {
  const [start, end] = logJson(id, entry);
  const digest = hash("sha256", `${previous?.json ?? null}${start}${end}`);
  return { hash: digest, json: start + digest + end };
}

/** The place of a log that was chained before. */
export function linkOf({ id, entry, hash: digest }: Log): Link {
  const [start, end] = logJson(id, entry);
  return { hash: digest, json: start + digest + end };
}

/** The text of a log before its hash, and after it. */
const logJson = (id: bigint, entry: Entry): [string, string] => [
  `{"id":${id},"type":"${entry.type}","data":${dataJson(entry)},"hash":"`,
  `","date":"${formatInstant(entry.date)}"}`,
];

/** The part of a log that says what was written. Keys have this order, and nothing is between them. */
const dataJson = (entry: Entry): string =>
  entry.type === "NEW_TRANSACTION"
    ? transactionJson(entry.transaction)
    : `{${targetJson(entry.target)},"metadata":${canonicalJson(entry.metadata)}}`;

const transactionJson = ({ postings, reference, metadata, timestamp, txid }: Transaction) =>
  `{"postings":${postingsJson(postings)},"reference":${jsonString(reference ?? "")},"metadata":${canonicalJson(metadata)},"timestamp":"${formatInstant(timestamp)}","txid":${txid}}`;

/** Postings as a JSON array; null when there are none, as the chain has it. */
export const postingsJson = (postings: readonly Posting[]): string =>
  postings.length === 0 ? "null" : `[${postings.map(postingJson).join()}]`;

/** Addresses and assets hold nothing that JSON escapes. */
const postingJson = ({ source, destination, amount, asset }: Posting): string =>
  `{"source":"${source}","destination":"${destination}","amount":${amount},"asset":"${asset}"}`;

/** A target as two members of a JSON object. */
export const targetJson = (target: Target): string =>
  "account" in target
    ? `"targetType":"ACCOUNT","targetId":"${target.account}"`
    : `"targetType":"TRANSACTION","targetId":${target.txid}`;
