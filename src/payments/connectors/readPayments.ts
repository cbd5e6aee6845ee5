import type { Json } from "../../lib/parseJson.js";
import type { Result } from "../../lib/result.js";
import type { Told } from "../domain/payment.js";
import { show } from "./json.js";

/** Items as payments, null for those that are none; those that mean nothing to us are problems that name them. */
export function readPayments(
  items: readonly Json[],
  idOf: (item: Json) => string,
  toPayment: (item: Json) => Result<Told | null, string>,
): { readonly payments: readonly Told[]; readonly problems: readonly string[] } {
  const payments: Told[] = [];
  const problems: string[] = [];
  for (const [index, item] of items.entries()) {
    const payment = toPayment(item);
    const name = show(idOf(item) || `number ${index + 1} of a page`);
    if (!payment.ok) problems.push(`payment ${name}: ${payment.failure}`);
    else if (payment.value !== null) payments.push(payment.value);
  }
  return { payments, problems };
}
