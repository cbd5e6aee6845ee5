import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import { parseInstant } from "../../../lib/time.js";
import type { PaymentType, Told } from "../../domain/payment.js";
import { show, textAt } from "../json.js";
import { toMoney } from "../money.js";

const TYPES_BY_DIRECTION = ["Payment", "Exchange", "Charge", "Refund"];

export const idOf = (transaction: Json): string => textAt(transaction, "id");

/** A transaction of Moneycorp as a payment; null for kinds that are none. */
export function toPayment(transaction: Json): Result<Told | null, string> {
  const get = (key: string) => textAt(transaction, "attributes", key);
  const type = typeOf(get("transactionType"), get("transactionDirection"));
  if (type === null) return ok(null);
  // What is paid out may have a sign.
  const amount = get("transactionAmount").replace(/^-/, "");
  const money = toMoney(get("transactionCurrency"), amount);
  if (!money.ok) return money;
  const createdAt = toInstant(get("createdAt"));
  if (createdAt === null) return fail(`its createdAt ${show(get("createdAt"))} is no time`);
  return ok({
    ...{ reference: idOf(transaction), type, status: "SUCCEEDED", scheme: "other" },
    ...{ ...money.value, createdAt, raw: printJson(transaction) },
  });
}

function typeOf(type: string, direction: string): PaymentType | null {
  if (type === "Transfer") return "TRANSFER";
  if (!TYPES_BY_DIRECTION.includes(type)) return null;
  if (direction === "Debit") return "PAYOUT";
  return direction === "Credit" ? "PAY-IN" : null;
}

/** Without a zone it is UTC. */
const toInstant = (text: string) => parseInstant(text) ?? parseInstant(`${text}Z`);
