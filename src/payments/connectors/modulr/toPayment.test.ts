import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { paymentId } from "../../domain/paymentId.js";
import { toPayment } from "./toPayment.js";

const SAMPLE =
  '{"id":"T120001","type":"PI_FAST","amount":87.25,"credit":true,"sourceId":"P120001","description":"Invoice 7","postedDate":"2023-07-10T12:00:00.000+0000","transactionDate":"2023-07-10T11:59:58.000+0000","account":{"id":"A1200XYZ","currency":"GBP"},"additionalInfo":{}}';

const paymentOf = (text: string, currency = "") => {
  const payment = toPayment(parseJson(text), currency);
  if (!payment.ok) throw new Error(payment.failure);
  return payment.value;
};

test("a transaction is a payment of that amount, kept as Modulr told it", () => {
  const payment = paymentOf(SAMPLE);
  expect(payment).toEqual({
    ...{ reference: "T120001", type: "PAY-IN", status: "SUCCEEDED", scheme: "other" },
    ...{ asset: "GBP/2", amount: 8725n, raw: SAMPLE },
  });
  expect(paymentId("MODULR", payment)).toBe(
    "eyJQcm92aWRlciI6Ik1PRFVMUiIsIlJlZmVyZW5jZSI6IlQxMjAwMDEiLCJUeXBlIjoiUEFZLUlOIn0=",
  );
});

test.each([
  ["PI_FAST", "PAY-IN"],
  ["PI_REV", "OTHER"],
  ["PO_FAST", "PAYOUT"],
  ["PO_REV", "OTHER"],
  ["ADHOC", "OTHER"],
  ["INT_INTERC", "OTHER"],
  ["INT_INTERT", "OTHER"],
  ["PIX", "OTHER"],
])("%s is %s", (type, expected) => {
  expect(paymentOf(SAMPLE.replace("PI_FAST", type)).type).toBe(expected);
});

test.each([
  ["19.99", "GBP", "GBP/2", 1999n],
  ['"1.15"', "EUR", "EUR/2", 115n],
  ["500", "JPY", "JPY", 500n],
  ["90071992547409931.07", "GBP", "GBP/2", 9007199254740993107n],
])("%s %s is exact", (text, currency, asset, amount) => {
  const sample = SAMPLE.replace("87.25", text).replace('"GBP"', `"${currency}"`);
  expect(paymentOf(sample)).toMatchObject({ asset, amount });
});

test("the currency is the account's in the transaction, else its own, else the listed account's", () => {
  expect(paymentOf('{"id":"1","amount":1,"currency":"EUR","account":{}}', "USD").asset).toBe(
    "EUR/2",
  );
  expect(paymentOf('{"id":"1","amount":1}', "USD").asset).toBe("USD/2");
});

test.each([
  [SAMPLE.replace("87.25", "87.255"), 'failed to parse amount: "87.255" is none of GBP/2'],
  [SAMPLE.replace("87.25", "null"), 'failed to parse amount: "" is none of GBP/2'],
  [SAMPLE.replace("GBP", "ABC"), 'unknown currency "ABC"'],
])("what cannot be understood is named: %s", (text, problem) => {
  expect(toPayment(parseJson(text), "")).toEqual({
    ok: false,
    failure: problem,
  });
});

test.each(["null", "7", '"x"', "[]", "{}"])("%s is no transaction", (text) => {
  expect(toPayment(parseJson(text), "").ok).toBe(false);
});
