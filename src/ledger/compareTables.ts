import type { Db } from "../db/database.js";
import type { Audit } from "./domain/audit.js";
import { canonicalJson } from "./domain/json.js";
import { volumeKey } from "./domain/volumes.js";
import { countStrayAnswers } from "./store/countStrayAnswers.js";
import { countStrayMoves } from "./store/countStrayMoves.js";
import type { HeadRow } from "./store/head.js";
import { scanAccounts, scanTransactionMetadata, scanVolumes } from "./store/scan.js";

/** The first difference between what a ledger's tables hold and what its logs say; null if there is none. Uses `audit` up. */
export const compareTables = async (trx: Db, head: HeadRow, audit: Audit): Promise<string | null> =>
  compareHead(head, audit) ??
  (await compareVolumes(trx, head, audit)) ??
  (await compareAccounts(trx, head, audit)) ??
  (await compareMetadata(trx, head, audit)) ??
  (await compareMoves(trx, head)) ??
  (await compareAnswers(trx, head));

function compareHead(row: HeadRow, { state: { head }, accounts }: Audit): string | null {
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
