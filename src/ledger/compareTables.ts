import type { Db } from "../db/database.js";
import type { Audit } from "./domain/audit.js";
import { canonicalJson } from "./domain/json.js";
import { readMappingJson } from "./domain/mapping.js";
import { logsOf } from "./domain/outbox.js";
import { volumeKey } from "./domain/volumes.js";
import { readOutboxRows } from "./events/outboxRows.js";
import { countStrayAnswers } from "./store/countStrayAnswers.js";
import { countStrayMoves } from "./store/countStrayMoves.js";
import type { HeadRow } from "./store/head.js";
import { countMappings, readMapping } from "./store/mappings.js";
import { scanAccounts, scanTransactionMetadata, scanVolumes } from "./store/scan.js";
import { isMistake } from "./write/faults.js";

type Compare = (trx: Db, head: HeadRow, audit: Audit) => Promise<string | null>;

/** The first difference between what a ledger's tables hold and what its logs say; null if there is none. Uses `audit` up. */
export async function compareTables(trx: Db, head: HeadRow, audit: Audit): Promise<string | null> {
  for (const [table, compare] of COMPARISONS) {
    try {
      const problem = await compare(trx, head, audit);
      if (problem !== null) return problem;
    } catch (error) {
      if (!isMistake(error)) throw error;
      return `${table} cannot be read: ${error.message}`;
    }
  }
  return null;
}

async function compareHead(
  _trx: Db,
  row: HeadRow,
  { state: { head }, accounts }: Audit,
): Promise<string | null> {
  const holds =
    row.nextTxid === head.nextTxid &&
    row.nextLog === head.nextLogId &&
    row.nextAccount === BigInt(accounts.size) &&
    row.lastHash === (head.lastLog?.hash ?? null) &&
    row.lastTimestamp === head.lastTimestamp;
  return holds ? null : "the head does not follow from the logs";
}

async function compareVolumes(trx: Db, head: HeadRow, audit: Audit): Promise<string | null> {
  const { volumes } = audit.state;
  const sums = new Map<string, bigint>();
  for await (const { address, asset, input, output } of scanVolumes(trx, head.id)) {
    const key = volumeKey(address, asset);
    const volume = volumes.get(key);
    if (volume?.input !== input || volume.output !== output) return `wrong volume: ${key}`;
    volumes.delete(key);
    sums.set(asset, (sums.get(asset) ?? 0n) + input - output);
  }
  const [missing] = volumes.keys();
  if (missing !== undefined) return `volume missing: ${missing}`;
  const made = [...sums].find(([, sum]) => sum !== 0n);
  return made ? `the balances of ${made[0]} add up to ${made[1]} instead of 0` : null;
}

async function compareAccounts(
  trx: Db,
  head: HeadRow,
  { accounts }: Audit,
): Promise<string | null> {
  for await (const { id, address, metadata } of scanAccounts(trx, head.id)) {
    const logged = accounts.get(address);
    if (logged === undefined || id < 0n || id >= head.nextAccount)
      return `account in no log: ${address}`;
    if (canonicalJson(logged) !== canonicalJson(metadata)) return `wrong metadata: ${address}`;
    accounts.delete(address);
  }
  const [missing] = accounts.keys();
  return missing === undefined ? null : `account missing: ${missing}`;
}

async function compareMetadata(trx: Db, head: HeadRow, audit: Audit): Promise<string | null> {
  const { transactions } = audit;
  for await (const { txid, metadata } of scanTransactionMetadata(trx, head.id)) {
    const logged = transactions.get(txid);
    if (logged === undefined || canonicalJson(logged) !== canonicalJson(metadata)) {
      return `wrong metadata: transaction ${txid}`;
    }
    transactions.delete(txid);
  }
  const [missing] = transactions.keys();
  return missing === undefined ? null : `metadata missing: transaction ${missing}`;
}

async function compareMoves(trx: Db, head: HeadRow): Promise<string | null> {
  const count = await countStrayMoves(trx, head.id);
  return count === 0n ? null : `${count} moves are missing or wrong`;
}

async function compareAnswers(trx: Db, head: HeadRow): Promise<string | null> {
  const count = await countStrayAnswers(trx, head.id);
  return count === 0n ? null : `${count} idempotency keys stand for logs that do not exist`;
}

/** Mappings are in no log. Each has an event of its own; every other event tells of a log. */
async function compareMappings(trx: Db, head: HeadRow): Promise<string | null> {
  const count = await countMappings(trx, head.id, head.nextEvent);
  if (count === null) return "a mapping has the number of an event that did not happen yet";
  if (head.nextEvent > head.nextLog + count) return "the head counts too many events";
  const last = await readMapping(trx, head.id);
  if (last !== null) readMappingJson(last.contracts);
  return null;
}

/** What was told is deleted; what is left must be told in order, and point at logs. */
async function compareOutbox(trx: Db, head: HeadRow): Promise<string | null> {
  const isLog = (id: bigint) => id >= 0n && id < head.nextLog;
  for (let next = 0n; ; ) {
    const rows = await readOutboxRows(trx, head.id, next);
    if (rows.length === 0) return null;
    for (const { id, events } of rows) {
      const end = id + BigInt(events.length);
      const isInOrder = id >= next && end > id && end <= head.nextEvent;
      if (!isInOrder || !events.every((event) => logsOf(event).every(isLog))) {
        return `wrong events in the outbox: ${id}`;
      }
      next = end;
    }
  }
}

const COMPARISONS: readonly (readonly [string, Compare])[] = [
  ["the head", compareHead],
  ["volumes", compareVolumes],
  ["accounts", compareAccounts],
  ["the metadata of transactions", compareMetadata],
  ["moves", compareMoves],
  ["idempotency keys", compareAnswers],
  ["the mapping", compareMappings],
  ["the outbox", compareOutbox],
];
