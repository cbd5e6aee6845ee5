import type { Db } from "../../db/database.js";
import { inTransaction } from "../../db/transaction.js";
import type { Micros } from "../../lib/time.js";
import type { Descriptor, Page } from "../connectors/connector.js";
import {
  accountProblem,
  adjustmentProblem,
  paymentProblem,
  taskProblem,
} from "../domain/checkPayment.js";
import { paymentId } from "../domain/paymentId.js";
import { type PaymentsEvent, savedAccounts, savedPayment } from "../domain/saved.js";
import { isFinal } from "../domain/transfer.js";
import { saveOutbox, takeEvent } from "../store/events.js";
import { holdLease, type Lease } from "../store/leases.js";
import { saveAccounts } from "../store/saveAccounts.js";
import { savePayments } from "../store/savePayments.js";
import { saveState, scheduleTasks, terminateTask } from "../store/tasks.js";
import { saveProgress } from "../store/transfers.js";
import { applyAdjustments } from "./applyAdjustments.js";

export interface Committed {
  /** What could not be stored, and why. */
  readonly problems: readonly string[];
  /** Whether there is something new for others to hear of. */
  readonly hasNews: boolean;
  /** Whether the task is over: its transfer has come to its end. */
  readonly isOver: boolean;
}

export interface IngestOptions {
  readonly db: Db;
  /** Whether events go anywhere. */
  readonly hasSinks: boolean;
}

/** Callers are shown states, a thousand at a time. */
const LARGEST_STATE = 1024 * 1024;

/**
 * Commits all that a page brings, its task's state included, at once. An item that cannot be stored keeps no other from
 * it. Null, and nothing has changed, if the task is somebody else's by now, or gone.
 */
export function commitPage(
  { db, hasSinks }: IngestOptions,
  lease: Lease,
  page: Page<Descriptor>,
  now: Micros,
): Promise<Committed | null> {
  const { provider, connector, task } = lease;
  const problems = [...(page.problems ?? [])];
  /** Those that can be stored; of equal keys the last one. */
  const sift = <T>(
    items: readonly T[] = [],
    problemOf: (item: T) => string | null,
    keyOf: (item: T) => string,
  ): T[] => {
    const kept = new Map<string, T>();
    for (const item of items) {
      const problem = problemOf(item);
      if (problem === null) kept.set(keyOf(item), item);
      else problems.push(problem);
    }
    return [...kept.values()];
  };
  const accounts = sift(page.accounts, accountProblem, ({ reference }) => reference);
  const payments = sift(page.payments, paymentProblem, (told) => paymentId(provider, told));
  const adjustments = sift(
    page.adjustments,
    adjustmentProblem,
    ({ payment, reference }) => paymentId(provider, payment) + reference,
  );
  const state = page.state && JSON.stringify(page.state);
  if (state !== undefined && state.length > LARGEST_STATE)
    return Promise.reject(new Error(`the state is larger than ${LARGEST_STATE} characters`));
  const spawned = sift(
    page.spawn?.map((descriptor) => JSON.stringify(descriptor)),
    taskProblem,
    (descriptor) => descriptor,
  );

  return inTransaction(db, async (trx) => {
    if (!(await holdLease(trx, lease))) return null;
    const events: PaymentsEvent[] = [];
    let first: bigint | null = null;

    const savedAccountRows = await saveAccounts(trx, lease, accounts, now);
    if (savedAccountRows.length > 0) {
      first = await takeEvent(trx);
      events.push(savedAccounts(savedAccountRows));
    }
    const incoming = payments.map((told) => ({ ...told, id: paymentId(provider, told) }));
    const saved = await savePayments(trx, lease, incoming, now);
    const applied = await applyAdjustments(trx, lease, adjustments, saved, now);
    for (const payment of [...saved, ...applied.changed]) {
      first ??= payment.event;
      events.push(savedPayment(payment));
    }
    if (hasSinks && first !== null) await saveOutbox(trx, first, events, now);
    if (spawned.length > 0) {
      const tasks = spawned.map((descriptor) => ({ descriptor, inMs: 0 }));
      await scheduleTasks(trx, connector, tasks, now);
    }
    await saveState(trx, task, state, now);
    if (page.transfer) await saveProgress(trx, connector, page.transfer);
    const isOver = page.transfer !== undefined && isFinal(page.transfer.status);
    if (isOver) await terminateTask(trx, task);
    return { problems: [...problems, ...applied.problems], hasNews: events.length > 0, isOver };
  });
}
