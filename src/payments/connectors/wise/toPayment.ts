import type { Json } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import { parseInstant } from "../../../lib/time.js";
import type { PaymentStatus, Told, ToldAccount } from "../../domain/payment.js";
import { show, textAt } from "../json.js";
import { toMoney } from "../money.js";

const STATUSES: ReadonlyMap<string, PaymentStatus> = new Map([
  ["incoming_payment_waiting", "PENDING"],
  ["processing", "PENDING"],
  ["funds_converted", "SUCCEEDED"],
  ["outgoing_payment_sent", "SUCCEEDED"],
  ["bounced_back", "FAILED"],
  ["funds_refunded", "FAILED"],
  ["cancelled", "CANCELLED"],
]);

export const idOf = (transfer: Json): string => textAt(transfer, "id");

/** A transfer of Wise as a payment: what reaches its recipient. */
export function toPayment(transfer: Json): Result<Told, string> {
  const money = toMoney(textAt(transfer, "targetCurrency"), textAt(transfer, "targetValue"));
  if (!money.ok) return money;
  const created = textAt(transfer, "created");
  const createdAt = parseInstant(created.replace(WITHOUT_ZONE, "$1T$2Z"));
  if (createdAt === null) return fail(`its created ${show(created)} is no time`);
  const [source, destination] = ["sourceAccount", "targetAccount"].map((side) =>
    accountAt(transfer, side),
  );
  const account = destination ?? source;
  return ok({
    ...{ reference: idOf(transfer), type: "TRANSFER", scheme: "other" },
    status: STATUSES.get(textAt(transfer, "status")) ?? "OTHER",
    ...money.value,
    createdAt,
    raw: printJson(transfer),
    ...(account !== undefined && { account }),
    ...(source !== undefined && { source }),
    ...(destination !== undefined && { destination }),
  });
}

/** It is in UTC then. */
const WITHOUT_ZONE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/;

/** The accounts between which `transfer` moves money, as far as Wise names them. */
export function accountsOf(transfer: Json): ToldAccount[] {
  const sides = [
    { side: "sourceAccount", type: "SOURCE" },
    { side: "targetAccount", type: "TARGET" },
  ] as const;
  return sides.flatMap(({ side, type }) => {
    const reference = accountAt(transfer, side);
    return reference === undefined ? [] : [{ reference, type }];
  });
}

function accountAt(transfer: Json, side: string): string | undefined {
  const id = textAt(transfer, side);
  return id === "" || id === "0" ? undefined : id;
}
