import { formatInstant, truncateToSecond } from "../../lib/time.js";
import { canonicalJson, jsonString } from "../domain/json.js";
import { type SetMetadataEntry, targetJson } from "../domain/log.js";
import type { Posting } from "../domain/posting.js";
import type { Transaction } from "../domain/transaction.js";
import { balance, type Volume, type VolumeChange, volumeKey } from "../domain/volumes.js";

// Text, for integers of any size to stay exact. Addresses, assets and names of ledgers hold nothing that JSON escapes.

export function committedJson(ledger: string, transactions: readonly Transaction[]): string {
  const changes = transactions.flatMap(({ volumes }) => volumes);
  const after = volumesJson(lastOf(changes), ({ after }) => after);
  const before = volumesJson(firstOf(changes), ({ before }) => before);
  // "volumes" is a deprecated twin.
  return `{"ledger":"${ledger}","transactions":[${transactions.map(transactionJson).join()}],"volumes":${after},"postCommitVolumes":${after},"preCommitVolumes":${before}}`;
}

export const savedMetadataJson = (
  ledger: string,
  { target, metadata }: Pick<SetMetadataEntry, "target" | "metadata">,
): string =>
  `{"ledger":"${ledger}",${targetTextJson(target)},"metadata":${canonicalJson(metadata)}}`;

/** Both as they were after the revert: the reverted one with its mark. */
export const revertedJson = (
  ledger: string,
  { reverted, reverting }: { readonly reverted: Transaction; readonly reverting: Transaction },
): string =>
  `{"ledger":"${ledger}","revertedTransaction":${transactionJson(reverted)},"revertTransaction":${transactionJson(reverting)}}`;

/** `contracts` is JSON already. */
export const updatedMappingJson = (ledger: string, contracts: string): string =>
  `{"ledger":"${ledger}","mapping":{"contracts":${contracts}}}`;

/** As REST shows a transaction. */
function transactionJson(transaction: Transaction): string {
  const { txid, postings, reference, metadata, timestamp, volumes } = transaction;
  const before = volumesJson(volumes, ({ before }) => before);
  const after = volumesJson(volumes, ({ after }) => after);
  return `{"postings":[${postings.map(postingJson).join()}],"reference":${jsonString(reference ?? "")},"metadata":${canonicalJson(metadata)},"txid":${txid},"preCommitVolumes":${before},"postCommitVolumes":${after},"timestamp":"${formatInstant(truncateToSecond(timestamp))}"}`;
}

const postingJson = ({ source, destination, amount, asset }: Posting): string =>
  `{"source":"${source}","destination":"${destination}","amount":${amount},"asset":"${asset}"}`;

/** A target whose id is text, whatever it is: logs have a number for transactions. */
const targetTextJson = (target: SetMetadataEntry["target"]): string =>
  "account" in target
    ? targetJson(target)
    : `"targetType":"TRANSACTION","targetId":"${target.txid}"`;

/** The volumes of one moment, by account and asset; each of `changes` is of another volume. */
function volumesJson(
  changes: Iterable<VolumeChange>,
  moment: (change: VolumeChange) => Volume,
): string {
  const accounts = new Map<string, string[]>();
  for (const change of changes) {
    const volumes = accounts.get(change.account) ?? [];
    volumes.push(`"${change.asset}":${volumeJson(moment(change))}`);
    accounts.set(change.account, volumes);
  }
  return `{${[...accounts].map(([account, volumes]) => `"${account}":{${volumes.join()}}`).join()}}`;
}

const volumeJson = (volume: Volume): string =>
  `{"input":${volume.input},"output":${volume.output},"balance":${balance(volume)}}`;

/** The first change of each volume. */
function firstOf(changes: readonly VolumeChange[]): Iterable<VolumeChange> {
  const first = new Map<string, VolumeChange>();
  for (const change of changes) {
    const key = volumeKey(change.account, change.asset);
    if (!first.has(key)) first.set(key, change);
  }
  return first.values();
}

/** The last change of each volume. */
const lastOf = (changes: readonly VolumeChange[]): Iterable<VolumeChange> =>
  new Map(changes.map((change) => [volumeKey(change.account, change.asset), change])).values();
