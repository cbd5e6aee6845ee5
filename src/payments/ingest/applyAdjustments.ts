import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";
import type { ToldAdjustment } from "../domain/payment.js";
import { paymentId } from "../domain/paymentId.js";
import type { SavedPayment } from "../domain/saved.js";
import { standToday } from "../domain/today.js";
import {
  type IncomingAdjustment,
  insertAdjustments,
  readAdjustments,
  readStanding,
  restand,
} from "../store/adjustments.js";
import type { Lease } from "../store/leases.js";

interface Applied {
  /** Payments that stand otherwise than before. */
  readonly changed: readonly SavedPayment[];
  readonly problems: readonly string[];
}

/**
 * Stores those of `adjustments` that are not known yet, and has their payments stand accordingly; so too those of
 * `saved` that are new and whose adjustments came before them. The caller holds the connector's lock.
 */
export async function applyAdjustments(
  trx: Db,
  { connector, provider }: Lease,
  adjustments: readonly ToldAdjustment[],
  saved: readonly SavedPayment[],
  now: Micros,
): Promise<Applied> {
  const told = adjustments.map(
    ({ payment, ...adjustment }): IncomingAdjustment => ({
      ...adjustment,
      paymentId: paymentId(provider, payment),
    }),
  );
  const arrived = saved.filter(({ isNew }) => isNew).map(({ id }) => id);
  const targets = [...new Set([...told.map(({ paymentId }) => paymentId), ...arrived])];
  if (targets.length === 0) return { changed: [], problems: [] };

  const known = await readAdjustments(trx, targets);
  const isNew = ({ paymentId, reference }: IncomingAdjustment) =>
    !known.get(paymentId)?.some((it) => it.reference === reference);
  const added = told.filter(isNew);
  const touched = targets.filter(
    (id) =>
      added.some(({ paymentId }) => paymentId === id) || (known.has(id) && arrived.includes(id)),
  );
  if (touched.length === 0) return { changed: [], problems: [] };

  const problems: string[] = [];
  const refused = new Set<IncomingAdjustment>();
  const changed = [];
  for (const payment of await readStanding(trx, touched)) {
    const { id, status, initialAmount } = payment;
    const start = { status, amount: initialAmount };
    const before = known.get(id) ?? [];
    const fresh = added.filter(({ paymentId }) => paymentId === id);
    let today = standToday(start, [...before, ...fresh]);
    if (today.amount < 0n) {
      for (const each of fresh) {
        refused.add(each);
        problems.push(
          `adjustment ${JSON.stringify(each.reference)}: it leaves less than nothing of its payment`,
        );
      }
      today = standToday(start, before);
    }
    if (today.amount < 0n) continue;
    if (
      today.status !== status ||
      today.amount !== payment.amount ||
      fresh.some((it) => !refused.has(it))
    )
      changed.push({ id, ...today });
  }
  const kept = added.filter((it) => !refused.has(it));
  if (kept.length > 0) await insertAdjustments(trx, connector, kept);
  return { changed: changed.length > 0 ? await restand(trx, changed, now) : [], problems };
}
