import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import type { Micros } from "../../../lib/time.js";
import type { PaymentStatus, PaymentType, Told } from "../../domain/payment.js";
import { isObject, jsonIn, numberAt, textAt } from "../json.js";

/** What names of files begin with; others are not looked at. */
export const PREFIX = "dummypay-generated-file";

const SCHEMES = [
  ...["mastercard", "visa", "discover", "jcb", "unionpay", "amex", "diners"],
  ...["sepa debit", "sepa credit", "apple pay"],
] as const;

/** A payment that nobody has made, as the text of a file. `random` is from 0 to below 1. */
export function randomPayment(now: Micros, random: () => number) {
  const draw = () => Math.floor(random() * 10_000);
  const reference = `${PREFIX}-${now * 1000n}`;
  const payment = {
    reference,
    amount: draw(),
    type: draw() <= 5000 ? "PAY-IN" : "PAYOUT",
    status: statusOf(draw()),
    scheme: SCHEMES[Math.floor(draw() / 1000)],
    asset: "DUMMYCOIN",
    rawData: null,
  };
  return { name: `${reference}.json`, text: JSON.stringify(payment) };
}

function statusOf(draw: number): PaymentStatus {
  if (draw < 2500) return "PENDING";
  if (draw < 3333) return "FAILED";
  return draw < 5000 ? "CANCELLED" : "SUCCEEDED";
}

/** The payment that the text of a file tells of. Whether its words are known is checked where it is stored. */
export function toPayment(text: string): Result<Told, string> {
  const json = jsonIn(text);
  if (!isObject(json)) return fail("it does not hold a JSON object");
  const amount = numberAt(json, "amount");
  if (!/^-?\d{1,1000}$/.test(amount)) return fail("its amount is no integer");
  const raw = json.get("rawData") ?? null;
  return ok({
    ...{ reference: textAt(json, "reference"), scheme: textAt(json, "scheme") },
    ...{ asset: textAt(json, "asset"), amount: BigInt(amount) },
    type: textAt(json, "type") as PaymentType,
    status: textAt(json, "status") as PaymentStatus,
    raw: raw === null ? null : printJson(raw),
  });
}
