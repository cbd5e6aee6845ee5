import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { Adjustment } from "../domain/payment.js";
import type { SavedPayment } from "../domain/saved.js";
import type { Today } from "../domain/today.js";
import { texts } from "./texts.js";

/** Adjustments of the payments of these ids, by payment, each list by date. */
export async function readAdjustments(
  db: Db,
  payments: readonly string[],
): Promise<Map<string, Adjustment[]>> {
  const rows: (Adjustment & { payment: string })[] = await db("payment_adjustments")
    .select("payment", "reference", "date", "status", "amount", "absolute", "raw")
    .whereRaw("payment = any(?)", [[...payments]])
    .orderBy(["payment", "date", "reference"]);
  const byPayment = new Map<string, Adjustment[]>();
  for (const { payment, ...adjustment } of rows) {
    byPayment.set(payment, [...(byPayment.get(payment) ?? []), adjustment]);
  }
  return byPayment;
}

/** An adjustment that is to be stored. */
export interface IncomingAdjustment extends Adjustment {
  /** Id of its payment. */
  readonly paymentId: string;
}

export const insertAdjustments = (
  trx: Db,
  connector: string,
  adjustments: readonly IncomingAdjustment[],
): Promise<unknown> =>
  trx.raw(
    `insert into payment_adjustments (payment, reference, connector, date, status, amount, absolute, raw)
    select payment, reference, ?, date, status, amount, absolute, raw from unnest(
      ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::numeric[], ?::boolean[], ?::text[]
    ) as told (payment, reference, date, status, amount, absolute, raw)`,
    [
      connector,
      adjustments.map(({ paymentId }) => paymentId),
      adjustments.map(({ reference }) => reference),
      adjustments.map(({ date }) => formatInstant(date)),
      adjustments.map(({ status }) => status),
      adjustments.map(({ amount }) => String(amount)),
      adjustments.map(({ absolute }) => absolute),
      texts(adjustments.map(({ raw }) => raw)),
    ],
  );

/** Of the payments of these ids, those that there are: how they began, and how they are said to stand. */
export const readStanding = (
  trx: Db,
  ids: readonly string[],
): Promise<(Today & { readonly id: string; readonly initialAmount: bigint })[]> =>
  trx("payments")
    .select("id", "status", "amount", "initial_amount as initialAmount")
    .whereRaw("id = any(?)", [[...ids]])
    .orderBy("id");

/** Has payments stand otherwise, with an event each. The caller holds the lock of the events' numbers from now on. */
export async function restand(
  trx: Db,
  payments: readonly (Today & { readonly id: string })[],
  now: Micros,
): Promise<SavedPayment[]> {
  const { rows } = await trx.raw<{ rows: SavedPayment[] }>(
    `with head as (
      update payments_head set next_event = next_event + ? where id = 0 returning next_event - ? as first
    )
    update payments set status = today.status, amount = today.amount, event = first + number - 1, changed_at = ?::timestamptz
    from head, unnest(?::text[], ?::text[], ?::numeric[]) with ordinality as today (id, status, amount, number)
    where payments.id = today.id
    returning payments.id, provider, reference, type, payments.status, scheme, asset, initial_amount as "initialAmount",
      payments.amount, created_at as "createdAt", event, false as "isNew"`,
    [
      ...[payments.length, payments.length, formatInstant(now)],
      payments.map(({ id }) => id),
      payments.map(({ status }) => status),
      payments.map(({ amount }) => String(amount)),
    ],
  );
  return rows.sort((one, other) => (one.event < other.event ? -1 : 1));
}
