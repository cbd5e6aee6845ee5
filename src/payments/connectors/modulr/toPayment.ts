import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { ok, type Result } from "../../../lib/result.js";
import type { PaymentType, Told } from "../../domain/payment.js";
import { textAt } from "../json.js";
import { toMoney } from "../money.js";

export const idOf = (transaction: Json): string => textAt(transaction, "id");

/** The currency that a transaction names, if it names one: its account's, else its own. */
export const currencyOf = (transaction: Json): string =>
  textAt(transaction, "account", "currency") || textAt(transaction, "currency");

/** A transaction of Modulr as a payment. `accountCurrency` counts where it names none itself. */
export function toPayment(transaction: Json, accountCurrency: string): Result<Told, string> {
  const money = toMoney(currencyOf(transaction) || accountCurrency, textAt(transaction, "amount"));
  if (!money.ok) return money;
  return ok({
    ...{ reference: idOf(transaction), type: typeOf(textAt(transaction, "type")) },
    ...{ status: "SUCCEEDED", scheme: "other" },
    ...{ ...money.value, raw: printJson(transaction) },
  });
}

/** Reversals of either kind, corrections and interest. */
const NEITHER_IN_NOR_OUT = ["PI_REV", "PO_REV", "ADHOC", "INT_INTERC"];

function typeOf(type: string): PaymentType {
  if (NEITHER_IN_NOR_OUT.includes(type)) return "OTHER";
  if (type.startsWith("PI_")) return "PAY-IN";
  return type.startsWith("PO_") ? "PAYOUT" : "OTHER";
}
