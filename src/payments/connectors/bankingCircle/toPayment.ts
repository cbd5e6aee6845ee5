import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { ok, type Result } from "../../../lib/result.js";
import type { PaymentStatus, PaymentType, Told } from "../../domain/payment.js";
import { textAt } from "../json.js";
import { toMoney } from "../money.js";

const TYPES: ReadonlyMap<string, PaymentType> = new Map([
  ["Incoming", "PAY-IN"],
  ["Outgoing", "PAYOUT"],
]);

const STATUSES: ReadonlyMap<string, PaymentStatus> = new Map([
  ["Processed", "SUCCEEDED"],
  ["PendingProcessing", "PENDING"],
  ["MissingFunding", "PENDING"],
  ["Rejected", "FAILED"],
  ["Cancelled", "FAILED"],
  ["Reversed", "FAILED"],
  ["Returned", "FAILED"],
]);

export const idOf = (payment: Json): string => textAt(payment, "paymentId");

/** Until what is transferred is known, it is what is to be debited. */
const AMOUNTS = [
  ["transfer", "amount"],
  ["debtorInformation", "debitAmount"],
] as const;

/** A payment of Banking Circle. Its reference is "" as long as it has none. */
export function toPayment(payment: Json): Result<Told, string> {
  const money = moneyOf(payment);
  if (!money.ok) return money;
  return ok({
    reference: textAt(payment, "transactionReference"),
    type: TYPES.get(textAt(payment, "classification")) ?? "OTHER",
    status: STATUSES.get(textAt(payment, "status")) ?? "OTHER",
    scheme: "other",
    ...money.value,
    raw: printJson(payment),
  });
}

function moneyOf(payment: Json) {
  const path = AMOUNTS.find((it) => textAt(payment, ...it, "currency") !== "") ?? AMOUNTS[0];
  return toMoney(textAt(payment, ...path, "currency"), textAt(payment, ...path, "amount"));
}
