import { createHash } from "node:crypto";
import { canonical, text } from "./canonical.js";
import type { StoredLedger, StoredLog } from "./state.js";
import { type Violation, violation } from "./violation.js";

/** Numbers have no gaps, and every hash follows from the log and the one before it. */
export function* checkLogs({ name, head, logs }: StoredLedger): Iterable<Violation> {
  let [nextTxid, position] = [0n, 0n];
  let previous: string | null = null;
  for (const log of logs) {
    if (log.id !== position) {
      yield violation("numbers without gaps", `${name}: log ${log.id} is at place ${position}`);
    }
    if (log.type === "transaction" && log.txid !== nextTxid++) {
      yield violation("numbers without gaps", `${name}: log ${log.id} has transaction ${log.txid}`);
    }
    if (log.hash !== hashOf(previous, log)) {
      yield violation("hash chain", `${name}: log ${log.id} does not follow from the one before`);
    }
    previous = logJson(log, log.hash);
    position++;
  }
  const last = logs.at(-1)?.hash ?? null;
  if (head.nextLog !== position || head.nextTxid !== nextTxid || head.lastHash !== last) {
    yield violation("numbers without gaps", `${name}: the head is not where the logs end`);
  }
}

/** The hash of `log` after the one whose text, hash included, is `previous`. */
export const hashOf = (previous: string | null, log: StoredLog): string =>
  createHash("sha256")
    .update(previous ?? "null")
    .update(logJson(log, ""))
    .digest("hex");

/** A log as its successor's hash covers it. */
export function logJson(log: StoredLog, hash: string): string {
  const type = log.type === "transaction" ? "NEW_TRANSACTION" : "SET_METADATA";
  return `{"id":${log.id},"type":"${type}","data":${dataJson(log)},"hash":"${hash}","date":"${log.date}"}`;
}

function dataJson(log: StoredLog): string {
  const metadata = canonical(log.metadata);
  if (log.type === "metadata") {
    const [, txid] = /^tx:(\d+)$/.exec(log.target) ?? [];
    const target =
      txid === undefined
        ? `"targetType":"ACCOUNT","targetId":${text(log.target)}`
        : `"targetType":"TRANSACTION","targetId":${txid}`;
    return `{${target},"metadata":${metadata}}`;
  }
  const postings = log.postings.map(
    ({ source, destination, amount, asset }) =>
      `{"source":${text(source)},"destination":${text(destination)},"amount":${amount},"asset":${text(asset)}}`,
  );
  return `{"postings":${postings.length === 0 ? "null" : `[${postings}]`},"reference":${text(log.reference ?? "")},"metadata":${metadata},"timestamp":"${log.date}","txid":${log.txid}}`;
}
