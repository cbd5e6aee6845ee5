import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { parseInstant } from "../../../lib/time.js";
import { paymentId } from "../../domain/paymentId.js";
import { toPayment } from "./toPayment.js";

const ATTRIBUTES = {
  ...{ accountId: 1000, createdAt: "2023-07-10T12:00:00.5", transactionCurrency: "JPY" },
  ...{ transactionAmount: 1500, transactionDirection: "Debit", transactionType: "Payment" },
  ...{ clientReference: "PO-9", transactionReference: "TR-9" },
};

const printed = (changes: object) =>
  JSON.stringify({
    ...{ id: "555001", type: "transactions" },
    attributes: { ...ATTRIBUTES, ...changes },
  });

const read = (changes: object) => toPayment(parseJson(printed(changes)));

test("a transaction is a payment, under the id that other services know", () => {
  const payment = read({});
  expect(payment).toEqual({
    ok: true,
    value: {
      ...{ reference: "555001", type: "PAYOUT", status: "SUCCEEDED", scheme: "other" },
      ...{ asset: "JPY", amount: 1500n, createdAt: parseInstant("2023-07-10T12:00:00.5Z") },
      raw: printed({}),
    },
  });
  expect(payment.ok && payment.value && paymentId("MONEYCORP", payment.value)).toBe(
    "eyJQcm92aWRlciI6Ik1PTkVZQ09SUCIsIlJlZmVyZW5jZSI6IjU1NTAwMSIsIlR5cGUiOiJQQVlPVVQifQ==",
  );
});

test.each([
  ["Payment", "Credit", "PAY-IN"],
  ["Exchange", "Debit", "PAYOUT"],
  ["Charge", "Debit", "PAYOUT"],
  ["Refund", "Credit", "PAY-IN"],
  ["Transfer", "Debit", "TRANSFER"],
  ["Transfer", "", "TRANSFER"],
])("a %s of direction %o is %s", (transactionType, transactionDirection, type) => {
  expect(read({ transactionType, transactionDirection })).toMatchObject({ value: { type } });
});

test.each([
  { transactionType: "Interest" },
  { transactionType: undefined },
  { transactionDirection: "Sideways" },
])("%o is no payment", (changes) => {
  expect(read(changes)).toEqual({ ok: true, value: null });
});

test.each([
  ["EUR", "19.99", 1999n, "EUR/2"],
  ["EUR", "-4.35", 435n, "EUR/2"],
  ["KWD", "1.234", 1234n, "KWD/3"],
  ["HUF", "0.29", 29n, "HUF/2"],
  ["GBP", "90071992547409.93", 9007199254740993n, "GBP/2"],
])("%s %s is %s of %s", (transactionCurrency, written, amount, asset) => {
  const text = printed({ transactionCurrency }).replace(":1500", `:${written}`);
  expect(toPayment(parseJson(text))).toMatchObject({ value: { amount, asset } });
});

test.each(["2023-07-10T12:00:00Z", "2023-07-10T14:00:00+02:00", "2023-07-10T12:00:00"])(
  "%s is noon of that day",
  (createdAt) => {
    const noon = parseInstant("2023-07-10T12:00:00Z");
    expect(read({ createdAt })).toMatchObject({ value: { createdAt: noon } });
  },
);

test.each([
  [{ transactionCurrency: "ZZZ" }, 'unknown currency "ZZZ"'],
  [{ transactionAmount: 1.5 }, 'failed to parse amount: "1.5" is none of JPY'],
  [{ transactionAmount: null }, 'failed to parse amount: "" is none of JPY'],
  [{ createdAt: "10 July" }, 'its createdAt "10 July" is no time'],
])("of %o it says what is wrong", (changes, failure) => {
  expect(read(changes)).toEqual({ ok: false, failure });
});
