import type { Json, JsonObject } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok, type Result } from "../../../lib/result.js";
import type { Micros } from "../../../lib/time.js";
import {
  type Adjustment,
  type PaymentStatus,
  SCHEMES,
  type Told,
  type ToldAdjustment,
} from "../../domain/payment.js";
import { isObject, numberAt, textAt } from "../json.js";
import { idAt } from "./idAt.js";
import { type Money, toMoney } from "./money.js";

/** What a balance transaction means to us; mostly, little of it. */
export interface Translation {
  readonly payment?: Told;
  readonly adjustments?: readonly ToldAdjustment[];
  readonly change?: Change;
  /** The connected account that it paid. */
  readonly account?: string;
  /** Whether its payment is a payout that has not come to its end. */
  readonly isOpen?: boolean;
}

/** A change of a payment that is named by its origin. */
export interface Change {
  readonly origin: Origin;
  readonly adjustment: Adjustment;
  /** Of `adjustment`; the payment has to be of the same. */
  readonly asset: string;
}

/** What moved the money of a payment. */
export interface Origin {
  /** As in Stripe's paths. */
  readonly kind: "charges" | "transfers";
  readonly id: string;
}

/** A balance transaction, its source and what both have in common. */
interface Item {
  readonly reference: string;
  readonly createdAt: Micros;
  readonly raw: string;
  readonly item: JsonObject;
  readonly source: JsonObject;
}

/** What it means that a payment has changed. */
const CHANGES: Readonly<Record<string, PaymentStatus>> = {
  refund: "SUCCEEDED",
  payment_refund: "SUCCEEDED",
  refund_failure: "SUCCEEDED",
  transfer_refund: "SUCCEEDED",
  payment_failure_refund: "FAILED",
  payment_reversal: "FAILED",
};

const PAYOUTS: Readonly<Record<string, PaymentStatus>> = {
  paid: "SUCCEEDED",
  pending: "PENDING",
  in_transit: "PENDING",
  canceled: "CANCELLED",
  failed: "FAILED",
};

/** Reporting categories of adjustments that change what a customer has paid. */
const OF_CHARGES: readonly string[] = [
  ...["dispute", "dispute_reversal", "refund", "refund_failure", "charge_failure"],
  "partial_capture_reversal",
];

/** What `json`, a balance transaction with its source, means; else what is wrong with it. */
export function translate(json: Json): Result<Translation, string> {
  if (!isObject(json)) return fail("it is no object");
  const type = textAt(json, "type");
  const translator = translatorOf(type);
  if (translator === null) return ok({});
  const source = json.get("source");
  // Adjustments by Stripe itself have none.
  if (type === "adjustment" && (source ?? null) === null) return ok({});
  if (!isObject(source)) return fail("its source is missing");
  const [reference, created] = [idAt(json, "id"), numberAt(json, "created")];
  if (reference === "") return fail("it has no id");
  if (!/^\d{1,11}$/.test(created)) return fail("it has no good date");
  const createdAt = BigInt(created) * 1_000_000n;
  return translator({ reference, createdAt, raw: printJson(json), item: json, source });
}

/** Null: such a transaction means nothing to us. */
function translatorOf(type: string): ((item: Item) => Result<Translation, string>) | null {
  if (type === "charge") return (item) => toCharge(item, brandOf(item.source));
  if (type === "payment") return (item) => toCharge(item, "other");
  if (type === "payout") return toPayout;
  if (type === "payout_cancel" || type === "payout_failure")
    return (item) => toReturnedPayout(item, type === "payout_cancel" ? "PAYOUT" : "PAY-IN");
  if (type === "transfer") return toTransfer;
  if (type === "adjustment") return toDispute;
  const status = Object.hasOwn(CHANGES, type) ? CHANGES[type] : undefined;
  return status === undefined ? null : (item) => toChange(item, status);
}

/** What came in may be less than the charge: a part of it was captured. */
function toCharge(item: Item, scheme: string): Result<Translation, string> {
  if (textAt(item.source, "object") !== "charge") return fail("its source is no charge");
  return withPayment(item, { type: "PAY-IN", status: "SUCCEEDED", scheme }, movedBy(item));
}

function toPayout(item: Item): Result<Translation, string> {
  if (textAt(item.source, "object") !== "payout") return fail("its source is no payout");
  const status = payoutStatus(item.source);
  const isOpen = status === "PENDING";
  const told = { type: "PAYOUT", status, scheme: payoutScheme(item.source) } as const;
  return withPayment(item, told, moneyOf(item.source), () => ({ isOpen }));
}

/** Money of a payout that comes back. The payout itself, if it is known, stands as its source does from then on. */
function toReturnedPayout(item: Item, type: "PAYOUT" | "PAY-IN"): Result<Translation, string> {
  const { source, reference, createdAt, raw } = item;
  if (textAt(source, "object") !== "payout") return fail("its source is no payout");
  const status = payoutStatus(source);
  const payout = idAt(source, "balance_transaction");
  const told = { type, status: "FAILED", scheme: payoutScheme(source) } as const;
  return withPayment(item, told, moneyOf(source), ({ amount }) => {
    const adjustment = { reference, date: createdAt, status, amount, absolute: true, raw };
    const payments = [
      { reference, type },
      ...(payout === "" || payout === reference
        ? []
        : [{ reference: payout, type: "PAYOUT" as const }]),
    ];
    return { adjustments: payments.map((payment) => ({ ...adjustment, payment })) };
  });
}

function toTransfer(item: Item): Result<Translation, string> {
  if (textAt(item.source, "object") !== "transfer") return fail("its source is no transfer");
  const account = idAt(item.source, "destination");
  const told = { type: "PAYOUT", status: "SUCCEEDED", scheme: "other" } as const;
  return withPayment(item, told, moneyOf(item.source), () =>
    /^acct_\w+$/.test(account) ? { account } : {},
  );
}

/** Other adjustments than these are between Stripe and its customer: fees, and the like. */
function toDispute(item: Item): Result<Translation, string> {
  if (!["dispute", "refund", "charge"].includes(textAt(item.source, "object"))) return ok({});
  const category = textAt(item.item, "reporting_category");
  if (category !== "" && !OF_CHARGES.includes(category)) return ok({});
  const isTaken = numberAt(item.item, "amount").startsWith("-");
  return toChange(item, isTaken ? "CANCELLED" : "SUCCEEDED");
}

const moneyOf = (source: JsonObject): Result<Money, string> =>
  toMoney(numberAt(source, "amount"), textAt(source, "currency"));

function withPayment(
  { reference, createdAt, raw }: Item,
  told: Pick<Told, "type" | "status" | "scheme">,
  money: Result<Money, string>,
  more: (money: Money) => Translation = () => ({}),
): Result<Translation, string> {
  if (!money.ok) return money;
  return ok({
    payment: { ...told, ...money.value, reference, createdAt, raw },
    ...more(money.value),
  });
}

function toChange(item: Item, status: PaymentStatus): Result<Translation, string> {
  const { source, reference, createdAt, raw } = item;
  const origin = originOf(source);
  if (origin === null) return fail("it does not say what it changes");
  // How much of a charge is known only where the balance is in its currency; what failed is all of it.
  const isPart = status !== "FAILED" && textAt(source, "object") === "charge";
  if (isPart && textAt(item.item, "currency") !== textAt(source, "currency"))
    return fail("its amount is in another currency");
  const money = movedBy(item);
  if (!money.ok) return money;
  // What comes back to us of a transfer makes it less, as what we pay back makes a charge less.
  const amount = origin.kind === "charges" ? money.value.amount : -money.value.amount;
  const adjustment = { reference, date: createdAt, status, amount, absolute: false, raw };
  return ok({ change: { origin, adjustment, asset: money.value.asset } });
}

/** The money that came, or went, in the currency of the source. Where the balance is in another one, all of the source. */
function movedBy({ item, source }: Item): Result<Money, string> {
  const [moved, currency] = [numberAt(item, "amount"), textAt(source, "currency")];
  if (textAt(item, "currency") === currency) return toMoney(moved, currency);
  const sign = moved.startsWith("-") ? "-" : "";
  return toMoney(sign + numberAt(source, "amount"), currency);
}

/** Of refunds, disputes, and reversals of transfers. */
function originOf(source: JsonObject): Origin | null {
  const kind = textAt(source, "object");
  if (kind === "charge") return originAt("charges", idAt(source, "id"));
  if (kind === "transfer_reversal") return originAt("transfers", idAt(source, "transfer"));
  return originAt("charges", idAt(source, "charge"));
}

const originAt = (kind: Origin["kind"], id: string): Origin | null =>
  id === "" ? null : { kind, id };

const payoutStatus = (payout: JsonObject): PaymentStatus => {
  const status = textAt(payout, "status");
  return (Object.hasOwn(PAYOUTS, status) && PAYOUTS[status]) || "OTHER";
};

function payoutScheme(payout: JsonObject): string {
  const type = textAt(payout, "type");
  if (type === "bank_account") return "sepa credit";
  return type === "card" ? schemeOf(payout.get("card")) : "unknown";
}

function brandOf(charge: JsonObject): string {
  const details = charge.get("payment_method_details");
  return isObject(details) ? schemeOf(details.get("card")) : "unknown";
}

function schemeOf(card: Json | undefined): string {
  const brand = isObject(card) ? textAt(card, "brand").toLowerCase() : "";
  return (SCHEMES as readonly string[]).includes(brand) ? brand : "unknown";
}
