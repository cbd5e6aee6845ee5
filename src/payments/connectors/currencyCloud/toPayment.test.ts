import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { paymentId } from "../../domain/paymentId.js";
import { toPayment } from "./toPayment.js";

const SAMPLE =
  '{"id":"11111111-aaaa-4bbb-8ccc-222222222222","account_id":"33333333-aaaa-4bbb-8ccc-444444444444","currency":"EUR","amount":"87.25","type":"credit","status":"completed","action":"funding","related_entity_type":"inbound_funds","related_entity_id":"55555555-aaaa-4bbb-8ccc-666666666666","created_at":"2023-07-10T12:00:00+00:00","updated_at":"2023-07-10T12:00:00+00:00"}';

const paymentOf = (text: string) => {
  const payment = toPayment(parseJson(text));
  if (!payment.ok) throw new Error(payment.failure);
  return payment.value;
};

test("a credit is money that comes in, kept as Currencycloud told it", () => {
  expect(paymentOf(SAMPLE)).toEqual({
    ...{ reference: "11111111-aaaa-4bbb-8ccc-222222222222", type: "PAY-IN", status: "SUCCEEDED" },
    ...{ scheme: "other", asset: "EUR/2", amount: 8725n, raw: SAMPLE },
  });
});

test("the id of a payment is what other services store", () => {
  expect(paymentId("CURRENCY-CLOUD", paymentOf(SAMPLE.replace("credit", "debit")))).toBe(
    "eyJQcm92aWRlciI6IkNVUlJFTkNZLUNMT1VEIiwiUmVmZXJlbmNlIjoiMTExMTExMTEtYWFhYS00YmJiLThjY2MtMjIyMjIyMjIyMjIyIiwiVHlwZSI6IlBBWU9VVCJ9",
  );
});

test.each([
  ["credit", "PAY-IN"],
  ["debit", "PAYOUT"],
  ["Credit", "OTHER"],
  ["", "OTHER"],
])("the type %o is %s", (type, expected) => {
  expect(paymentOf(SAMPLE.replace('"credit"', `"${type}"`)).type).toBe(expected);
});

test.each([
  ["completed", "SUCCEEDED"],
  ["pending", "PENDING"],
  ["deleted", "FAILED"],
  ["ready_to_send", "OTHER"],
  ["cancelled", "OTHER"],
])("the status %s is %s", (status, expected) => {
  expect(paymentOf(SAMPLE.replace("completed", status)).status).toBe(expected);
});

test.each([
  ['"19.99"', "GBP", "GBP/2", 1999n],
  ["4.35", "GBP", "GBP/2", 435n],
  ['"500.00"', "JPY", "JPY", 500n],
  ['"0.005"', "KWD", "KWD/3", 5n],
  ['"90071992547409931.07"', "EUR", "EUR/2", 9007199254740993107n],
])("%s %s is exact", (text, currency, asset, amount) => {
  const sample = SAMPLE.replace('"87.25"', text).replace('"EUR"', `"${currency}"`);
  expect(paymentOf(sample)).toMatchObject({ asset, amount });
});

test.each([
  [SAMPLE.replace("87.25", "many"), 'failed to parse amount: "many" is none of EUR/2'],
  [SAMPLE.replace("87.25", "87.255"), 'failed to parse amount: "87.255" is none of EUR/2'],
  [SAMPLE.replace("EUR", "ABC"), 'unknown currency "ABC"'],
])("what cannot be understood is named: %s", (text, problem) => {
  expect(toPayment(parseJson(text))).toEqual({
    ok: false,
    failure: problem,
  });
});

test.each(["null", "7", "[]", "{}"])("%s is no transaction", (text) => {
  expect(toPayment(parseJson(text)).ok).toBe(false);
});
