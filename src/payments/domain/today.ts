import type { Adjustment, PaymentStatus } from "./payment.js";

/** How a payment stands today. */
export interface Today {
  readonly status: PaymentStatus;
  readonly amount: bigint;
}

/** `start`, after all of `adjustments`, in whatever order they were heard of. */
export function standToday(start: Today, adjustments: readonly Adjustment[]): Today {
  let { status, amount } = start;
  for (const each of adjustments.toSorted(byDate)) {
    status = each.status;
    amount = each.absolute ? each.amount : amount + each.amount;
  }
  return { status, amount };
}

/** `adjustments` by date, each as what it left of `amount`: callers are told no differences, and nothing below nothing. */
export function inTurn(amount: bigint, adjustments: readonly Adjustment[]): Adjustment[] {
  let left = amount;
  return adjustments.toSorted(byDate).map((each) => {
    left = each.absolute ? each.amount : left + each.amount;
    return { ...each, amount: atLeastNothing(left), absolute: true };
  });
}

/** More may be taken from a payment than there was of it: refunded, then disputed. */
export const atLeastNothing = (amount: bigint): bigint => (amount < 0n ? 0n : amount);

const byDate = (one: Adjustment, other: Adjustment): number =>
  one.date === other.date
    ? one.reference < other.reference
      ? -1
      : 1
    : one.date < other.date
      ? -1
      : 1;
