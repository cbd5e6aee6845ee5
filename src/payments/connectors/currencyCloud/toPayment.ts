import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { ok, type Result } from "../../../lib/result.js";
import type { PaymentStatus, PaymentType, Told } from "../../domain/payment.js";
import { textAt } from "../json.js";
import { toMoney } from "../money.js";

/** A credit is money that comes in. */
const TYPES: ReadonlyMap<string, PaymentType> = new Map([
  ["credit", "PAY-IN"],
  ["debit", "PAYOUT"],
]);

const STATUSES: ReadonlyMap<string, PaymentStatus> = new Map([
  ["completed", "SUCCEEDED"],
  ["pending", "PENDING"],
  ["deleted", "FAILED"],
]);

export const idOf = (transaction: Json): string => textAt(transaction, "id");

/** A transaction of Currencycloud as a payment. */
export function toPayment(transaction: Json): Result<Told, string> {
  const get = (key: string) => textAt(transaction, key);
  const money = toMoney(get("currency"), get("amount"));
  if (!money.ok) return money;
  return ok({
    reference: idOf(transaction),
    type: TYPES.get(get("type")) ?? "OTHER",
    status: STATUSES.get(get("status")) ?? "OTHER",
    scheme: "other",
    ...{ ...money.value, raw: printJson(transaction) },
  });
}
