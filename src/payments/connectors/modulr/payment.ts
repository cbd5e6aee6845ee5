import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import type { PaymentType, Told } from "../../domain/payment.js";
import { memberOf, textOf } from "../json.js";
import { moneyOf } from "../money.js";

/** The currency that a transaction names, if it names one: its account's, else its own. */
export const currencyOf = (transaction: Json): string =>
  textOf(memberOf(memberOf(transaction, "account"), "currency")) ||
  textOf(memberOf(transaction, "currency"));

/** What a transaction of Modulr is to us. `accountCurrency` counts where it names none itself. */
export function toPayment(transaction: Json, accountCurrency: string): Result<Told, string> {
  const reference = textOf(memberOf(transaction, "id"));
  const currency = currencyOf(transaction) || accountCurrency;
  const money = moneyOf(textOf(memberOf(transaction, "amount")), currency);
  if (!money.ok) return fail(`transaction ${JSON.stringify(reference)}: ${money.failure}`);
  return ok({
    ...{ reference, status: "SUCCEEDED", scheme: "other", raw: printJson(transaction) },
    type: typeOf(textOf(memberOf(transaction, "type"))),
    ...money.value,
  });
}

/** Reversals of either kind, corrections and interest. */
const NEITHER_IN_NOR_OUT = ["PI_REV", "PO_REV", "ADHOC", "INT_INTERC"];

function typeOf(type: string): PaymentType {
  if (NEITHER_IN_NOR_OUT.includes(type)) return "OTHER";
  if (type.startsWith("PI_")) return "PAY-IN";
  return type.startsWith("PO_") ? "PAYOUT" : "OTHER";
}
