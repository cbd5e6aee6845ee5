import { effectsOf } from "./effects.js";
import type { Log } from "./log.js";
import { type Metadata, mergeMetadata } from "./metadata.js";
import { append, EMPTY_HEAD, newState, type State } from "./state.js";
import type { Transaction } from "./transaction.js";
import { EMPTY, volumeKey } from "./volumes.js";

/** What a ledger must hold, derived from its logs alone. */
export interface Audit {
  /** Its head and its volumes. */
  readonly state: State;
  /** Metadata of every account, by address. */
  readonly accounts: Map<string, Metadata>;
  /** What was merged into the metadata of transactions after they were made. */
  readonly transactions: Map<bigint, Metadata>;
}

export const newAudit = (): Audit => ({
  state: newState(EMPTY_HEAD),
  accounts: new Map(),
  transactions: new Map(),
});

/** A log that does not follow from those before it. */
export interface BadLog {
  readonly id: bigint;
  readonly problem: string;
}

/** Takes the ledger's next logs into `audit`, and returns the first bad one if there is any. */
export function auditLogs(audit: Audit, logs: readonly Log[]): BadLog | null {
  for (const log of logs) {
    const id = audit.state.head.nextLogId;
    const problem = auditLog(audit.state, log);
    if (problem !== null) return { id, problem };
  }
  const { accounts, transactions } = effectsOf(logs);
  for (const [key, metadata] of accounts) mergeMetadata(audit.accounts, key, metadata);
  for (const [key, metadata] of transactions) mergeMetadata(audit.transactions, key, metadata);
  forgetDecided(audit.state);
  return null;
}

function auditLog(state: State, { id, entry, hash, actor }: Log): string | null {
  if (id !== state.head.nextLogId) return "it is missing";
  if (entry.type === "NEW_TRANSACTION") {
    const problem = auditTransaction(state, entry.transaction);
    if (problem !== null) return problem;
  }
  append(state, [entry], actor);
  return state.head.lastLog?.hash === hash ? null : "its hash does not follow from what it says";
}

function auditTransaction(
  { head, volumes }: State,
  { txid, volumes: changes }: Transaction,
): string | null {
  if (txid !== head.nextTxid) return `it has transaction ${txid} instead of ${head.nextTxid}`;
  const wrong = changes.find(({ account, asset, before }) => {
    const { input, output } = volumes.get(volumeKey(account, asset)) ?? EMPTY;
    return before.input !== input || before.output !== output;
  });
  return wrong ? `it has a wrong volume of ${wrong.account} in ${wrong.asset}` : null;
}

/** Only deciding asks for these, and they would grow without end. */
function forgetDecided({ logs, references, transactions }: State): void {
  logs.length = 0;
  references.clear();
  transactions.clear();
}
