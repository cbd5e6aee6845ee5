import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import type { PaymentStatus, PaymentType, Told } from "../../domain/payment.js";
import { memberOf, textOf } from "../json.js";
import { moneyOf } from "../money.js";

/** What a transaction of Currencycloud is to us. */
export function toPayment(transaction: Json): Result<Told, string> {
  const read = (key: string) => textOf(memberOf(transaction, key));
  const reference = read("id");
  const money = moneyOf(read("amount"), read("currency"));
  if (!money.ok) return fail(`transaction ${JSON.stringify(reference)}: ${money.failure}`);
  return ok({
    ...{ reference, scheme: "other", raw: printJson(transaction) },
    type: TYPES.get(read("type")) ?? "OTHER",
    status: STATUSES.get(read("status")) ?? "OTHER",
    ...money.value,
  });
}

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
