import { expect } from "vitest";
import type { Db } from "../../src/db/database.js";

/** Every payment stands as its beginning and its adjustments say: the last absolute amount, and the differences since. */
export async function expectDerivable(db: Db): Promise<void> {
  const { rows } = await db.raw(`
    with last as (
      select distinct on (payment) payment, status from payment_adjustments
      order by payment, date desc, reference desc
    ), base as (
      select distinct on (payment) payment, date, reference, amount from payment_adjustments
      where absolute order by payment, date desc, reference desc
    ), since as (
      select payment, sum(later.amount) as amount from payment_adjustments as later left join base using (payment)
      where not absolute and coalesce((later.date, later.reference) > (base.date, base.reference), true)
      group by payment
    ), derived as (
      select id, coalesce(last.status, told_status) as status,
        greatest(0, coalesce(base.amount, initial_amount) + coalesce(since.amount, 0)) as amount
      from payments
      left join last on last.payment = id left join base on base.payment = id left join since on since.payment = id
    )
    select reference, payments.status, derived.status as derived_status, payments.amount, derived.amount as derived_amount
    from payments join derived using (id)
    where (payments.status, payments.amount) is distinct from (derived.status, derived.amount)`);
  expect(rows, "payments that do not stand as their adjustments say").toEqual([]);
}
