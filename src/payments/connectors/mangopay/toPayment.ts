import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import type { PaymentStatus, PaymentType, Told } from "../../domain/payment.js";
import { show, textAt } from "../json.js";
import { toMoneyOfUnits } from "../money.js";

const TYPES: ReadonlyMap<string, PaymentType> = new Map([
  ["PAYIN", "PAY-IN"],
  ["PAYOUT", "PAYOUT"],
  ["TRANSFER", "TRANSFER"],
]);

const STATUSES: ReadonlyMap<string, PaymentStatus> = new Map([
  ["CREATED", "PENDING"],
  ["SUCCEEDED", "SUCCEEDED"],
  ["FAILED", "FAILED"],
]);

export const idOf = (transaction: Json): string => textAt(transaction, "Id");

/** A transaction of Mangopay as a payment: what was debited, fees included. */
export function toPayment(transaction: Json): Result<Told, string> {
  const funds = ["Currency", "Amount"].map((key) => textAt(transaction, "DebitedFunds", key));
  const [currency = "", amount = ""] = funds;
  const money = toMoneyOfUnits(currency, amount);
  if (!money.ok) return money;
  const seconds = textAt(transaction, "CreationDate");
  if (!/^\d{1,12}$/.test(seconds)) return fail(`its CreationDate ${show(seconds)} is no time`);
  return ok({
    reference: idOf(transaction),
    type: TYPES.get(textAt(transaction, "Type")) ?? "OTHER",
    status: STATUSES.get(textAt(transaction, "Status")) ?? "OTHER",
    scheme: "other",
    ...money.value,
    createdAt: BigInt(seconds) * 1_000_000n,
    raw: printJson(transaction),
  });
}
