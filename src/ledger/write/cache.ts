import type { Connection } from "../../db/database.js";
import { ownText } from "../../lib/ownText.js";
import { linkOf } from "../domain/log.js";
import { type Mapping, NO_MAPPING, readMappingJson } from "../domain/mapping.js";
import type { Head, State } from "../domain/state.js";
import type { Volume } from "../domain/volumes.js";
import type { HeadRow } from "../store/head.js";
import { loadMapping } from "../store/mappings.js";
import { readLog } from "../store/readLog.js";
import type { Batch } from "../store/saveBatch.js";
import { type Recent, recent } from "./recent.js";

/** What a writer remembers of its ledger from batch to batch. True for as long as nobody else moves the head. */
export interface Cache {
  /** Id of the ledger. */
  readonly ledger: number;
  readonly head: Head;
  readonly mapping: Mapping;
  readonly nextAccount: bigint;
  /** By address. */
  readonly accountIds: Recent<bigint>;
  /** By `volumeKey`. */
  readonly volumes: Recent<Volume>;
}

/** Whether `cache` still holds, judged by the locked head. */
export const isCurrent = ({ ledger, head }: Cache, row: HeadRow): boolean =>
  row.id === ledger &&
  row.nextLog === head.nextLogId &&
  row.nextEvent === head.nextEvent &&
  row.lastHash === (head.lastLog?.hash ?? null);

/** A cache that knows only the locked head, and has room for `size` accounts and as many volumes. */
export async function startCache(
  connection: Connection,
  row: HeadRow,
  size: number,
): Promise<Cache> {
  const { id: ledger, nextTxid, nextLog: nextLogId, nextEvent, nextAccount, lastTimestamp } = row;
  const [last, mapping] = await Promise.all([
    nextLogId === 0n ? null : readLog(connection, ledger, nextLogId - 1n),
    nextEvent === 0n ? null : loadMapping(connection, ledger),
  ]);
  if ((last?.hash ?? null) !== row.lastHash) {
    throw new RangeError(`ledger ${ledger}: the last log is not the one that the head names`);
  }
  return {
    ledger,
    head: { nextTxid, nextLogId, nextEvent, lastLog: last && linkOf(last), lastTimestamp },
    mapping: mapping ? readMappingJson(mapping.contracts) : NO_MAPPING,
    nextAccount,
    accountIds: recent(size),
    volumes: recent(size),
  };
}

/** `cache` once `batch`, which is what was written to `state`, is committed. */
export function remember(
  cache: Cache,
  { head, accounts, mapping }: State,
  { nextAccount, effects }: Batch,
): Cache {
  for (const [address, id] of accounts) if (id !== null) cache.accountIds.set(address, id);
  for (const [key, { after }] of effects.volumes) cache.volumes.set(key, after);
  return { ...cache, head: ownHead(head), mapping, nextAccount };
}

/** The text of the last log was put together from pieces of a request. */
const ownHead = ({ lastLog, ...head }: Head): Head => ({
  ...head,
  lastLog: lastLog && { hash: lastLog.hash, json: ownText(lastLog.json) },
});
