import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { paymentId } from "../../domain/paymentId.js";
import { translate } from "./translate.js";

const CHARGE = {
  ...{ id: "txn_1", object: "balance_transaction", amount: 1999, available_on: 1689206400 },
  ...{ created: 1688990400, currency: "usd", description: null, exchange_rate: null, fee: 88 },
  ...{ fee_details: [], net: 1911, reporting_category: "charge", status: "pending" },
  type: "charge",
  source: {
    ...{ id: "ch_1", object: "charge", amount: 1999, currency: "usd" },
    payment_method_details: { type: "card", card: { brand: "visa" } },
  },
};
const PAYOUT = {
  ...{ id: "txn_po_1", object: "balance_transaction", amount: -5000, created: 1688990000 },
  ...{ currency: "eur", fee: 0, net: -5000, status: "available", type: "payout" },
  source: {
    ...{ id: "po_1", object: "payout", amount: 5000, currency: "eur", status: "paid" },
    ...{ type: "bank_account", card: null },
  },
};
const REFUND = {
  ...{ id: "txn_re_1", amount: -500, created: 1688990500, currency: "usd", type: "refund" },
  source: { id: "re_1", object: "refund", amount: 500, currency: "usd", charge: "ch_1" },
};
const DISPUTE = {
  ...{ id: "txn_dp_1", amount: -1999, created: 1688990500, currency: "usd", type: "adjustment" },
  source: { id: "dp_1", object: "dispute", amount: 1999, currency: "usd", charge: "ch_1" },
};
const TRANSFER = {
  ...{ id: "txn_tr_1", amount: -700, created: 1688990500, currency: "usd", type: "transfer" },
  source: { id: "tr_1", object: "transfer", amount: 700, currency: "usd", destination: "acct_1" },
};

const on = (item: object) => translate(parseJson(JSON.stringify(item)));

/** What `item` means; throws if it means nothing good. */
const meaningOf = (item: object) => {
  const translation = on(item);
  if (!translation.ok) throw new Error(translation.failure);
  return translation.value;
};

const from = <T extends { source: object }>(item: T, changes: object, source: object = {}): T => ({
  ...item,
  ...changes,
  source: { ...item.source, ...source },
});

test("a charge is what came in, verbatim, under the id that others have stored", () => {
  const { payment } = meaningOf(CHARGE);
  expect(payment).toEqual({
    ...{ reference: "txn_1", type: "PAY-IN", status: "SUCCEEDED", scheme: "visa" },
    ...{ asset: "USD/2", amount: 1999n, createdAt: 1_688_990_400_000_000n },
    raw: JSON.stringify(CHARGE),
  });
  expect(payment && paymentId("STRIPE", payment)).toBe(
    "eyJQcm92aWRlciI6IlNUUklQRSIsIlJlZmVyZW5jZSI6InR4bl8xIiwiVHlwZSI6IlBBWS1JTiJ9",
  );
});

test("a payout is what went out, under the id that others have stored", () => {
  const { payment, isOpen } = meaningOf(PAYOUT);
  expect(payment).toMatchObject({
    ...{ reference: "txn_po_1", type: "PAYOUT", status: "SUCCEEDED", scheme: "sepa credit" },
    ...{ asset: "EUR/2", amount: 5000n, createdAt: 1_688_990_000_000_000n },
  });
  expect(isOpen).toBe(false);
  expect(payment && paymentId("STRIPE", payment)).toBe(
    "eyJQcm92aWRlciI6IlNUUklQRSIsIlJlZmVyZW5jZSI6InR4bl9wb18xIiwiVHlwZSI6IlBBWU9VVCJ9",
  );
});

test.each([
  ["paid", "SUCCEEDED", false],
  ["pending", "PENDING", true],
  ["in_transit", "PENDING", true],
  ["canceled", "CANCELLED", false],
  ["failed", "FAILED", false],
  ["constructor", "OTHER", false],
])("a payout that is %s is %s", (status, ours, isOpen) => {
  const meaning = meaningOf(from(PAYOUT, {}, { status }));
  expect(meaning).toMatchObject({ payment: { status: ours }, isOpen });
});

const card = (brand: unknown) => ({ payment_method_details: { type: "card", card: { brand } } });

test.each([
  [from(CHARGE, {}, card("MasterCard")), "mastercard"],
  [from(CHARGE, {}, card("eftpos_au")), "unknown"],
  [from(CHARGE, {}, { payment_method_details: { card: null } }), "unknown"],
  [from(CHARGE, {}, { payment_method_details: null }), "unknown"],
  [from(CHARGE, {}, { payment_method_details: { type: "link", link: {} } }), "unknown"],
  [from(CHARGE, {}, card(null)), "unknown"],
  [from(CHARGE, {}, card("constructor")), "unknown"],
  [from(CHARGE, { type: "payment" }), "other"],
  [from(PAYOUT, {}, { type: "card", card: { brand: "Visa" } }), "visa"],
  [from(PAYOUT, {}, { type: "card" }), "unknown"],
  [from(PAYOUT, {}, { type: null }), "unknown"],
  [TRANSFER, "other"],
])("the scheme of %o is %s", (item, scheme) => {
  expect(meaningOf(item).payment).toMatchObject({ scheme });
});

test.each(["sepa_debit", "us_bank_account", "link", "klarna"])(
  "what was paid by %s is of another scheme",
  (type) => {
    const details = { payment_method_details: { type, [type]: {} } };
    const { payment } = meaningOf(from(CHARGE, { type: "payment" }, details));
    expect(payment).toMatchObject({ scheme: "other", amount: 1999n });
  },
);

test("a charge in another currency than the balance's is what the customer paid", () => {
  const { payment } = meaningOf(from(CHARGE, { amount: 1813, currency: "eur" }));
  expect(payment).toMatchObject({ amount: 1999n, asset: "USD/2" });
});

test("of a charge that was captured in part, that part came in", () => {
  const { payment } = meaningOf(from(CHARGE, { amount: 1500 }, { amount_captured: 1500 }));
  expect(payment).toMatchObject({ amount: 1500n, asset: "USD/2" });
});

test("a transfer goes out, and names the account that it paid", () => {
  expect(meaningOf(TRANSFER)).toMatchObject({
    payment: { type: "PAYOUT", status: "SUCCEEDED", amount: 700n, asset: "USD/2" },
    account: "acct_1",
  });
  expect(meaningOf(from(TRANSFER, {}, { destination: { id: "acct_2" } })).account).toBe("acct_2");
  expect(meaningOf(from(TRANSFER, {}, { destination: "ba_1" })).account).toBeUndefined();
});

const charged = { kind: "charges", id: "ch_1" };

test.each([
  [REFUND, "SUCCEEDED", -500n],
  [from(REFUND, { type: "payment_refund" }), "SUCCEEDED", -500n],
  [from(REFUND, { type: "refund_failure", amount: 500 }), "SUCCEEDED", 500n],
  [from(REFUND, { type: "payment_failure_refund" }), "FAILED", -500n],
  [from(REFUND, { amount: -450, currency: "eur" }), "SUCCEEDED", -500n],
  [from(REFUND, { type: "adjustment", amount: 500 }), "SUCCEEDED", 500n],
  [DISPUTE, "CANCELLED", -1999n],
  [from(DISPUTE, { amount: -1000 }), "CANCELLED", -1000n],
  [from(DISPUTE, { amount: 1999 }), "SUCCEEDED", 1999n],
  [from(DISPUTE, { amount: 1800, currency: "eur" }), "SUCCEEDED", 1999n],
  [from(CHARGE, { type: "refund", amount: -300 }), "SUCCEEDED", -300n],
  [from(CHARGE, { type: "payment_reversal", amount: -1999 }), "FAILED", -1999n],
  [
    from(CHARGE, { type: "payment_failure_refund", amount: -1813, currency: "eur" }),
    ...(["FAILED", -1999n] as const),
  ],
  [from(DISPUTE, { reporting_category: "dispute" }), "CANCELLED", -1999n],
  [from(DISPUTE, { reporting_category: "dispute_reversal", amount: 900 }), "SUCCEEDED", 900n],
])("%o changes its charge's payment to %s by %i", (item, status, amount) => {
  const { change, payment } = meaningOf(item);
  expect(payment).toBeUndefined();
  expect(change).toEqual({
    origin: charged,
    asset: "USD/2",
    adjustment: {
      ...{ reference: item.id, status, amount, absolute: false, raw: JSON.stringify(item) },
      date: BigInt(item.created) * 1_000_000n,
    },
  });
});

test("what comes back of a transfer makes it less", () => {
  const source = { id: "trr_1", object: "transfer_reversal", transfer: "tr_1" };
  const { change } = meaningOf(from(TRANSFER, { type: "transfer_refund", amount: 200 }, source));
  expect(change).toMatchObject({
    origin: { kind: "transfers", id: "tr_1" },
    adjustment: { status: "SUCCEEDED", amount: -200n },
  });
});

test.each([
  ["payout_cancel", "PAYOUT", "canceled", "CANCELLED"],
  ["payout_failure", "PAY-IN", "failed", "FAILED"],
])("a %s is a %s of its own that failed, and the payout is %s", (type, ours, status, stands) => {
  const item = from(
    PAYOUT,
    { id: "txn_back", type, amount: 5000 },
    { status, balance_transaction: "txn_po_1" },
  );
  const { payment, adjustments } = meaningOf(item);
  expect(payment).toMatchObject({
    ...{ reference: "txn_back", type: ours, status: "FAILED", scheme: "sepa credit" },
    ...{ amount: 5000n, asset: "EUR/2" },
  });
  const adjustment = { reference: "txn_back", status: stands, amount: 5000n, absolute: true };
  expect(adjustments).toMatchObject([
    { ...adjustment, payment: { reference: "txn_back", type: ours } },
    { ...adjustment, payment: { reference: "txn_po_1", type: "PAYOUT" } },
  ]);
});

test.each([
  ["stripe_fee", null],
  ["application_fee", { object: "application_fee" }],
  ["topup", { object: "topup" }],
  ["issuing_transaction", null],
  ["adjustment", null],
  ["adjustment", { object: "reserve_transaction" }],
  ["contribution", { object: "charge" }],
  ["advance", null],
  ["climate_order_purchase", { object: "climate.order" }],
  ["reserve_hold", null],
  ["stripe_balance_payment_debit", { object: "charge" }],
  ["constructor", null],
  ["", null],
])("a %s with the source %o means nothing to us", (type, source) => {
  expect(on({ ...CHARGE, type, source })).toEqual({ ok: true, value: {} });
});

test.each([
  from(DISPUTE, { reporting_category: "fee", amount: -1500 }),
  from(CHARGE, { type: "adjustment", reporting_category: "fee", amount: 88 }),
  from(CHARGE, { type: "adjustment", reporting_category: "network_cost", amount: -3 }),
])("a fee is no change of what was paid: %o", (item) => {
  expect(on(item)).toEqual({ ok: true, value: {} });
});

test.each([
  [7, "it is no object"],
  [{ ...CHARGE, source: null }, "its source is missing"],
  [{ ...CHARGE, source: "ch_1" }, "its source is missing"],
  [{ ...DISPUTE, source: "dp_1" }, "its source is missing"],
  [{ ...CHARGE, id: null }, "it has no id"],
  [{ ...CHARGE, id: "txn\u0000" }, "it has no id"],
  [{ ...CHARGE, created: "now" }, "it has no good date"],
  [from(CHARGE, { amount: 1.5 }), "its amount is no integer"],
  [from(CHARGE, { currency: "eur" }, { amount: null }), "its amount is no integer"],
  [from(PAYOUT, {}, { amount: null }), "its amount is no integer"],
  [from(CHARGE, {}, { currency: "zzz" }), 'unknown currency "zzz"'],
  [from(CHARGE, {}, { object: "refund" }), "its source is no charge"],
  [from(PAYOUT, {}, { object: "charge" }), "its source is no payout"],
  [from(PAYOUT, { type: "payout_cancel" }, { object: "charge" }), "its source is no payout"],
  [from(TRANSFER, {}, { object: "charge" }), "its source is no transfer"],
  [from(REFUND, {}, { charge: null }), "it does not say what it changes"],
  [from(CHARGE, { type: "refund", currency: "eur" }), "its amount is in another currency"],
])("%o is refused: %s", (item, failure) => {
  expect(on(item as object)).toEqual({ ok: false, failure });
});
