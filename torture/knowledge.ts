import { type Answer, refusalIn, transactionIdsIn } from "./answer.js";
import type { Call } from "./calls.js";
import type { Write } from "./history.js";
import { printTransactions } from "./shown.js";

/** A write as it is sent, again and again if its outcome is unknown. */
export interface PlannedWrite {
  readonly call: Call;
  readonly write: Write;
}

/** What all clients together know of a ledger. */
export interface Knowledge {
  readonly ledger: string;
  /** Numbers of transactions that were acknowledged. */
  readonly transactions: string[];
  readonly references: string[];
  /** Acknowledged writes that had an idempotency key. */
  readonly keyed: PlannedWrite[];
}

export const newKnowledge = (ledger: string): Knowledge => ({
  ledger,
  transactions: [],
  references: [],
  keyed: [],
});

/** Of each kind, the last ones. */
const KEPT = 200;

/** The write that was planned, with what was answered; if that was a success, others then know of it. */
export function acknowledge(known: Knowledge, planned: PlannedWrite, answer: Answer): Write {
  const { write } = planned;
  const refusal = refusalIn(answer);
  if (refusal !== undefined) return { ...write, refusal };
  if (answer.outcome !== "ok") return write;
  if (write.mapping !== undefined) {
    return { ...write, answer: { transactionIds: [], hit: answer.hit } };
  }
  const transactionIds = transactionIdsIn(answer);
  if (!write.dryRun) learn(known, planned, transactionIds);
  const shown = write.dryRun ? {} : { shown: printTransactions(answer.body) };
  return { ...write, answer: { transactionIds, hit: answer.hit, ...shown } };
}

function learn(
  { transactions, references, keyed }: Knowledge,
  planned: PlannedWrite,
  transactionIds: readonly string[],
): void {
  const { idempotencyKey, effects } = planned.write;
  transactions.push(...transactionIds);
  if (idempotencyKey !== undefined) keyed.push(planned);
  for (const effect of effects) {
    if (effect.type === "transaction" && effect.reference) references.push(effect.reference);
  }
  for (const list of [transactions, references, keyed]) {
    if (list.length > KEPT) list.splice(0, list.length - KEPT);
  }
}
