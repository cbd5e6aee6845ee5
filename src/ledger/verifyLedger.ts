import type { Db } from "../db/database.js";
import { fail, ok, type Result } from "../lib/result.js";
import { compareTables } from "./compareTables.js";
import { type Audit, auditLogs, type BadLog, newAudit } from "./domain/audit.js";
import type { Log } from "./domain/log.js";
import { findLedger } from "./store/findLedger.js";
import { findStrayLog } from "./store/findStrayLog.js";
import type { HeadRow } from "./store/head.js";
import { readLogs } from "./store/logs.js";
import { ALWAYS } from "./store/timeRange.js";
import { isMistake } from "./write/faults.js";

/** A log that is known from elsewhere: a chain that was cut or rewritten as a whole shows there. */
export interface ExpectedLog {
  readonly id: bigint;
  readonly hash: string;
}

/** How far a verification is; the last message says what it found. */
export type Verification = Progress | Verdict;

interface Progress {
  readonly kind: "progress";
  readonly checked: bigint;
  readonly total: bigint;
}

interface Verdict {
  readonly kind: "verdict";
  /** What does not hold; null if all does. */
  readonly problem: string | null;
  /** The first bad log, if the fault lies in a log. */
  readonly badLog: bigint | null;
  readonly checked: bigint;
  /** Null for an empty ledger. */
  readonly lastHash: string | null;
}

/**
 * Follows the chain of the ledger called `name` from its first log, and compares all else that the ledger holds with
 * what the logs say. Sees one snapshot of the database. Memory grows with the number of accounts.
 */
export async function* verifyLedger(
  db: Db,
  name: string,
  expected: ExpectedLog | null = null,
): AsyncGenerator<Verification> {
  const trx = await db.transaction({ isolationLevel: "repeatable read", readOnly: true });
  try {
    const audit = newAudit();
    const finding = yield* examine(trx, name, audit, expected);
    const { nextLogId: checked, lastLog } = audit.state.head;
    const { problem = null, badLog = null } = finding ?? {};
    yield { kind: "verdict", problem, badLog, checked, lastHash: lastLog?.hash ?? null };
  } finally {
    await trx.rollback();
  }
}

type Finding = Pick<Verdict, "problem" | "badLog">;

async function* examine(
  trx: Db,
  name: string,
  audit: Audit,
  expected: ExpectedLog | null,
): AsyncGenerator<Progress, Finding | null> {
  const head = await readable(() => findLedger(trx, name));
  if (!head.ok) return { problem: `the head cannot be read: ${head.failure}`, badLog: null };
  const bad = yield* followChain(trx, head.value, audit, expected);
  if (bad) return { problem: `log ${bad.id}: ${bad.problem}`, badLog: bad.id };
  return head.value && { problem: await compareTables(trx, head.value, audit), badLog: null };
}

/** What `read` reads, or why it makes no sense. */
async function readable<T>(read: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return ok(await read());
  } catch (error) {
    if (!isMistake(error)) throw error;
    return fail(error.message);
  }
}

const PAGE = 1000;

/** Audits every log, page by page; returns the first bad one. */
async function* followChain(
  trx: Db,
  head: HeadRow | null,
  audit: Audit,
  expected: ExpectedLog | null,
): AsyncGenerator<Progress, BadLog | null> {
  const total = head?.nextLog ?? 0n;
  if (expected && expected.id >= total) return missing(expected.id);
  if (head === null) return null;
  while (audit.state.head.nextLogId < total) {
    const bad = await auditPage(trx, head, audit, expected);
    if (bad !== null) return bad;
    yield { kind: "progress", checked: audit.state.head.nextLogId, total };
  }
  const stray = await findStrayLog(trx, head.id, total);
  return stray === null ? null : { id: stray, problem: "the head does not count it" };
}

async function auditPage(
  trx: Db,
  { id: ledger, nextLog }: HeadRow,
  audit: Audit,
  expected: ExpectedLog | null,
): Promise<BadLog | null> {
  const first = audit.state.head.nextLogId;
  const size = Math.min(PAGE, Number(nextLog - first));
  const logs = await readPage(trx, ledger, first, size);
  if (!logs.ok) return { id: first, problem: `it cannot be read: ${logs.failure}` };
  if (logs.value.length === 0) return missing(first);
  return auditLogs(audit, logs.value) ?? findUnexpected(logs.value, expected);
}

/** Up to `size` logs from `first` on: fewer, if one of them cannot be read, until it is the first itself. */
async function readPage(
  trx: Db,
  ledger: number,
  first: bigint,
  size: number,
): Promise<Result<Log[], string>> {
  const from = { from: String(first) };
  const logs = await readable(() => readLogs(trx, ledger, ALWAYS, from, size));
  return logs.ok || size === 1 ? logs : readPage(trx, ledger, first, Math.ceil(size / 2));
}

const missing = (id: bigint): BadLog => ({ id, problem: "it is missing" });

function findUnexpected(logs: readonly Log[], expected: ExpectedLog | null): BadLog | null {
  const log = logs.find(({ id }) => id === expected?.id);
  if (log === undefined || log.hash === expected?.hash) return null;
  return { id: log.id, problem: "its hash is not the expected one" };
}
