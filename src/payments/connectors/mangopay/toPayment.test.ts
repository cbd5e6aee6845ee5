import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { parseInstant } from "../../../lib/time.js";
import { paymentId } from "../../domain/paymentId.js";
import { toPayment } from "./toPayment.js";

const SAMPLE = {
  ...{ Id: "9000001", Tag: null, CreationDate: 1688990400, AuthorId: "70001" },
  ...{ CreditedUserId: "70001", DebitedFunds: { Currency: "EUR", Amount: 8725 } },
  ...{ CreditedFunds: { Currency: "EUR", Amount: 8700 }, Fees: { Currency: "EUR", Amount: 25 } },
  ...{ Status: "SUCCEEDED", ResultCode: "000000", Type: "PAYIN", Nature: "REGULAR" },
};

const read = (changes: object) => toPayment(parseJson(JSON.stringify({ ...SAMPLE, ...changes })));

test("a transaction is a payment of what was debited, under the id that other services know", () => {
  const payment = read({});
  expect(payment).toEqual({
    ok: true,
    value: {
      ...{ reference: "9000001", type: "PAY-IN", status: "SUCCEEDED", scheme: "other" },
      ...{ asset: "EUR/2", amount: 8725n, createdAt: parseInstant("2023-07-10T12:00:00Z") },
      raw: JSON.stringify(SAMPLE),
    },
  });
  expect(payment.ok && paymentId("MANGOPAY", payment.value)).toBe(
    "eyJQcm92aWRlciI6Ik1BTkdPUEFZIiwiUmVmZXJlbmNlIjoiOTAwMDAwMSIsIlR5cGUiOiJQQVktSU4ifQ==",
  );
});

test.each([
  [{ Type: "PAYOUT" }, { type: "PAYOUT" }],
  [{ Type: "TRANSFER" }, { type: "TRANSFER" }],
  [{ Type: "CONVERSION" }, { type: "OTHER" }],
  [{ Status: "CREATED" }, { status: "PENDING" }],
  [{ Status: "FAILED" }, { status: "FAILED" }],
  [{ Status: "EXPIRED" }, { status: "OTHER" }],
  [{ DebitedFunds: { Currency: "JPY", Amount: 8725 } }, { asset: "JPY", amount: 8725n }],
  [{ DebitedFunds: { Currency: "HUF", Amount: 8725 } }, { asset: "HUF/2", amount: 8725n }],
])("%o is %o", (changes, expected) => {
  expect(read(changes)).toMatchObject({ ok: true, value: expected });
});

test.each([
  [{ DebitedFunds: null }, 'unknown currency ""'],
  [{ DebitedFunds: { Currency: "ZZZ", Amount: 1 } }, 'unknown currency "ZZZ"'],
  [
    { DebitedFunds: { Currency: "EUR", Amount: 1.5 } },
    'failed to parse amount: "1.5" is none of EUR/2',
  ],
  [{ CreationDate: null }, 'its CreationDate "" is no time'],
])("of %o it says what is wrong", (changes, failure) => {
  expect(read(changes)).toEqual({ ok: false, failure });
});
