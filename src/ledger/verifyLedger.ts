import type { Db } from "../db/database.js";
import { compareTables } from "./compareTables.js";
import { type Audit, auditLogs, type BadLog, newAudit } from "./domain/audit.js";
import type { Log } from "./domain/log.js";
import { findLedger } from "./store/findLedger.js";
import type { HeadRow } from "./store/head.js";
import { readLogs } from "./store/logs.js";
import { ALWAYS } from "./store/timeRange.js";

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
    const head = await findLedger(trx, name);
    const audit = newAudit();
    const bad = yield* followChain(trx, head, audit, expected);
    const problem = bad
      ? `log ${bad.id}: ${bad.problem}`
      : head && (await compareTables(trx, head, audit));
    const { nextLogId: checked, lastLog } = audit.state.head;
    const lastHash = lastLog?.hash ?? null;
    yield { kind: "verdict", problem, badLog: bad?.id ?? null, checked, lastHash };
  } finally {
    await trx.rollback();
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
  while (head !== null && audit.state.head.nextLogId < total) {
    const first = audit.state.head.nextLogId;
    const logs = await readLogs(trx, head.id, ALWAYS, { from: String(first) }, PAGE);
    const bad =
      logs.length === 0
        ? missing(first)
        : (auditLogs(audit, logs) ?? findUnexpected(logs, expected));
    if (bad !== null) return bad;
    yield { kind: "progress", checked: audit.state.head.nextLogId, total };
  }
  return null;
}

const missing = (id: bigint): BadLog => ({ id, problem: "it is missing" });

function findUnexpected(logs: readonly Log[], expected: ExpectedLog | null): BadLog | null {
  const log = logs.find(({ id }) => id === expected?.id);
  if (log === undefined || log.hash === expected?.hash) return null;
  return { id: log.id, problem: "its hash is not the expected one" };
}
