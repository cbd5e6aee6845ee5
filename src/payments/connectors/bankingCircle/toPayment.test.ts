import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { paymentId } from "../../domain/paymentId.js";
import { toPayment } from "./toPayment.js";

const EUR = { currency: "EUR", amount: 87.25 };

const SAMPLE = {
  ...{ paymentId: "7c0e0000-0000-4000-8000-000000000001", transactionReference: "BCREF0001" },
  ...{ concurrencyToken: "AAAA", classification: "Incoming", status: "Processed", errors: null },
  lastChangedTimestamp: "2023-07-10T12:00:00Z",
  debtorInformation: { accountId: "", debitAmount: EUR, debitValueDate: "2023-07-10T00:00:00Z" },
  transfer: { debtorName: "ACME", amount: EUR },
  creditorInformation: { creditAmount: EUR, creditValueDate: "2023-07-10T00:00:00Z" },
};

const read = (changes: object) => toPayment(parseJson(JSON.stringify({ ...SAMPLE, ...changes })));

test("a payment is read, under the id that other services know", () => {
  const payment = read({});
  expect(payment).toEqual({
    ok: true,
    value: {
      ...{ reference: "BCREF0001", type: "PAY-IN", status: "SUCCEEDED", scheme: "other" },
      ...{ asset: "EUR/2", amount: 8725n, raw: JSON.stringify(SAMPLE) },
    },
  });
  expect(payment.ok && paymentId("BANKING-CIRCLE", payment.value)).toBe(
    "eyJQcm92aWRlciI6IkJBTktJTkctQ0lSQ0xFIiwiUmVmZXJlbmNlIjoiQkNSRUYwMDAxIiwiVHlwZSI6IlBBWS1JTiJ9",
  );
});

const transferOf = (currency: string, amount: number) => ({
  transfer: { amount: { currency, amount } },
});

test.each([
  [{ classification: "Outgoing" }, { type: "PAYOUT" }],
  [{ classification: "Own" }, { type: "OTHER" }],
  [{ status: "PendingProcessing" }, { status: "PENDING" }],
  [{ status: "MissingFunding" }, { status: "PENDING" }],
  [{ status: "Rejected" }, { status: "FAILED" }],
  [{ status: "Cancelled" }, { status: "FAILED" }],
  [{ status: "Reversed" }, { status: "FAILED" }],
  [{ status: "Returned" }, { status: "FAILED" }],
  [{ status: "Hold" }, { status: "OTHER" }],
  [{ transactionReference: "" }, { reference: "" }],
  [{ transactionReference: null }, { reference: "" }],
  [transferOf("JPY", 500), { asset: "JPY", amount: 500n }],
  [transferOf("KWD", 1.234), { asset: "KWD/3", amount: 1234n }],
  [transferOf("EUR", 8.2), { asset: "EUR/2", amount: 820n }],
  [transferOf("", 0), { asset: "EUR/2", amount: 8725n }],
  [{ transfer: null }, { asset: "EUR/2", amount: 8725n }],
])("%o is %o", (changes, expected) => {
  expect(read(changes)).toMatchObject({ ok: true, value: expected });
});

test.each([
  [transferOf("ZZZ", 1), 'unknown currency "ZZZ"'],
  [transferOf("JPY", 1.5), 'failed to parse amount: "1.5" is none of JPY'],
  [{ transfer: null, debtorInformation: null }, 'unknown currency ""'],
])("of %o it says what is wrong", (changes, failure) => {
  expect(read(changes)).toEqual({ ok: false, failure });
});
