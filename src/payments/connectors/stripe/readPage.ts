import type { Json } from "../../../lib/parseJson.js";
import type { Told, ToldAdjustment } from "../../domain/payment.js";
import { isObject } from "../json.js";
import type { OriginPayment, StripeClient } from "./client.js";
import { idAt } from "./idAt.js";
import { type Change, type Origin, translate } from "./translate.js";

/** What balance transactions tell of. */
export interface Heard {
  readonly payments: Told[];
  readonly adjustments: ToldAdjustment[];
  readonly problems: string[];
  /** Connected accounts that were paid. */
  readonly accounts: string[];
  /** References of payouts that have not come to their end. */
  readonly open: string[];
}

/** Translates `items` and finds the payments that they change. */
export async function readPage(client: StripeClient, items: readonly Json[]): Promise<Heard> {
  const heard: Heard = { payments: [], adjustments: [], problems: [], accounts: [], open: [] };
  const changes: Change[] = [];
  const known = new Map<string, OriginPayment | null>();
  for (const item of items) {
    const translation = translate(item);
    if (!translation.ok) {
      heard.problems.push(`${nameOf(item)}: ${translation.failure}`);
      continue;
    }
    const { payment, adjustments = [], change, account, isOpen } = translation.value;
    if (payment) {
      heard.payments.push(payment);
      const { id, transaction } = sourceOf(item);
      known.set(id, { reference: transaction || payment.reference, asset: payment.asset });
    }
    heard.adjustments.push(...adjustments);
    if (change) changes.push(change);
    if (account !== undefined) heard.accounts.push(account);
    if (payment && isOpen) heard.open.push(payment.reference);
  }
  const missing = new Map(changes.map(({ origin }) => [origin.id, origin]));
  await Promise.all(
    [...missing.values()]
      .filter(({ id }) => !known.has(id))
      .map(async (origin) => known.set(origin.id, await client.findOrigin(origin))),
  );
  for (const { origin, adjustment, asset } of changes) {
    const payment = known.get(origin.id) ?? null;
    const problem = problemOf(payment, asset);
    if (problem === null && payment !== null) {
      const type = origin.kind === "charges" ? "PAY-IN" : "PAYOUT";
      heard.adjustments.push({ ...adjustment, payment: { reference: payment.reference, type } });
    } else heard.problems.push(`${adjustment.reference}: ${nounOf(origin)} ${problem}`);
  }
  return heard;
}

function problemOf(payment: OriginPayment | null, asset: string): string | null {
  if (payment === null) return "does not exist";
  if (payment.reference === "") return "has moved no money";
  return payment.asset === asset ? null : "is in another currency";
}

const nounOf = ({ kind, id }: Origin): string =>
  `its ${kind === "charges" ? "charge" : "transfer"} ${id}`;

/**
 * The charge or transfer of a payment on this very page, and its own transaction: one that is captured in several steps
 * has more of them, but its changes are all of that one, on whichever page they are met.
 */
function sourceOf(item: Json): { readonly id: string; readonly transaction: string } {
  const source = isObject(item) ? item.get("source") : null;
  return isObject(source)
    ? { id: idAt(source, "id"), transaction: idAt(source, "balance_transaction") }
    : { id: "", transaction: "" };
}

const nameOf = (item: Json): string =>
  (isObject(item) && idAt(item, "id")) || "a balance transaction";
