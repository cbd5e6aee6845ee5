import { type Page, readPage } from "../lib/page.js";
import type { ListQuery } from "./domain/listing.js";
import type { Payment } from "./domain/payment.js";
import type { Payments } from "./payments.js";
import { readPayments, withAdjustments } from "./store/payments.js";

/** A page of the payments of all connectors. */
export async function listPayments({ db }: Payments, query: ListQuery): Promise<Page<Payment>> {
  const page = await readPage(
    (position, limit) => readPayments(db, query.steps, position, limit),
    query,
    ({ key }) => JSON.stringify(key),
  );
  return { ...page, data: await withAdjustments(db, page.data) };
}
