import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";
import type { ToldAdjustment } from "../domain/payment.js";
import { paymentId } from "../domain/paymentId.js";
import type { SavedPayment } from "../domain/saved.js";
import { atLeastNothing, standToday } from "../domain/today.js";
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
  const addedTo = new Map<string, IncomingAdjustment[]>();
  for (const each of added) {
    const others = addedTo.get(each.paymentId);
    if (others === undefined) addedTo.set(each.paymentId, [each]);
    else others.push(each);
  }
  const touched = [...new Set([...addedTo.keys(), ...arrived.filter((id) => known.has(id))])];
  if (touched.length === 0) return { changed: [], problems: [] };

  const problems: string[] = [];
  const changed = [];
  for (const payment of await readStanding(trx, touched)) {
    const { id, status, initialAmount } = payment;
    const fresh = addedTo.get(id) ?? [];
    const start = { status, amount: initialAmount };
    const today = standToday(start, [...(known.get(id) ?? []), ...fresh]);
    const amount = atLeastNothing(today.amount);
    if (today.amount < 0n) {
      problems.push(
        ...fresh.map(
          ({ reference }) =>
            `adjustment ${JSON.stringify(reference)}: it leaves less than nothing of its payment`,
        ),
      );
    }
    if (today.status !== status || amount !== payment.amount || fresh.length > 0)
      changed.push({ id, status: today.status, amount });
  }
  if (added.length > 0) await insertAdjustments(trx, connector, added);
  return { changed: changed.length > 0 ? await restand(trx, changed, now) : [], problems };
}
