import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { parseInstant } from "../../../lib/time.js";
import { paymentId } from "../../domain/paymentId.js";
import { accountsOf, toPayment } from "./toPayment.js";

const SAMPLE = {
  ...{ id: 6000001, user: 5, targetAccount: 2002, sourceAccount: 1001, quote: null },
  ...{ status: "outgoing_payment_sent", reference: "Invoice 7", rate: 1.0 },
  ...{ created: "2023-07-10 12:00:00", business: 202, details: { reference: "Invoice 7" } },
  ...{ sourceCurrency: "EUR", sourceValue: 100, targetCurrency: "GBP", targetValue: 87.25 },
};

const sample = (changes: object) => parseJson(JSON.stringify({ ...SAMPLE, ...changes }));
const read = (changes: object) => toPayment(sample(changes));

test("a transfer is a payment of what its recipient gets, under the id that other services know", () => {
  const payment = read({});
  expect(payment).toEqual({
    ok: true,
    value: {
      ...{ reference: "6000001", type: "TRANSFER", status: "SUCCEEDED", scheme: "other" },
      ...{ asset: "GBP/2", amount: 8725n, createdAt: parseInstant("2023-07-10T12:00:00Z") },
      ...{ account: "2002", source: "1001", destination: "2002", raw: JSON.stringify(SAMPLE) },
    },
  });
  expect(payment.ok && paymentId("WISE", payment.value)).toBe(
    "eyJQcm92aWRlciI6IldJU0UiLCJSZWZlcmVuY2UiOiI2MDAwMDAxIiwiVHlwZSI6IlRSQU5TRkVSIn0=",
  );
});

test.each([
  ["incoming_payment_waiting", "PENDING"],
  ["incoming_payment_initiated", "OTHER"],
  ["processing", "PENDING"],
  ["funds_converted", "SUCCEEDED"],
  ["outgoing_payment_sent", "SUCCEEDED"],
  ["bounced_back", "FAILED"],
  ["funds_refunded", "FAILED"],
  ["cancelled", "CANCELLED"],
  ["charged_back", "OTHER"],
  ["something_new", "OTHER"],
  [null, "OTHER"],
])("%s is %s", (status, expected) => {
  expect(read({ status })).toMatchObject({ ok: true, value: { status: expected } });
});

test.each([
  [
    { targetCurrency: "JPY", targetValue: 8725 },
    { asset: "JPY", amount: 8725n },
  ],
  [
    { targetCurrency: "KWD", targetValue: 1.234 },
    { asset: "KWD/3", amount: 1234n },
  ],
  [{ targetValue: 0.29 }, { amount: 29n }],
  [{ targetValue: "19.99" }, { amount: 1999n }],
  [{ created: "2023-07-10T12:00:00.5Z" }, { createdAt: parseInstant("2023-07-10T12:00:00.5Z") }],
  [{ created: "2023-07-10T12:00:00" }, { createdAt: parseInstant("2023-07-10T12:00:00Z") }],
  [{ id: "6000002" }, { reference: "6000002" }],
])("%o is %o", (changes, expected) => {
  expect(read(changes)).toMatchObject({ ok: true, value: expected });
});

test.each([
  [{ targetCurrency: null }, 'unknown currency ""'],
  [{ targetCurrency: "ZZZ" }, 'unknown currency "ZZZ"'],
  [{ targetValue: 1.234 }, 'failed to parse amount: "1.234" is none of GBP/2'],
  [{ created: "" }, 'its created "" is no time'],
])("of %o it says what is wrong", (changes, failure) => {
  expect(read(changes)).toEqual({ ok: false, failure });
});

test("an account that Wise does not name is none", () => {
  expect(accountsOf(sample({ sourceAccount: null }))).toEqual([
    { reference: "2002", type: "TARGET" },
  ]);
  expect(accountsOf(sample({ targetAccount: 0 }))).toEqual([{ reference: "1001", type: "SOURCE" }]);
  const payment = read({ targetAccount: 0 });
  expect(payment).toMatchObject({ value: { account: "1001", source: "1001" } });
  expect(payment.ok && payment.value).not.toHaveProperty("destination");
});
