import { expect, test } from "vitest";
import { canonicalPaymentId, paymentId } from "./paymentId.js";

const KNOWN = [
  [
    "STRIPE",
    { reference: "txn_1", type: "PAY-IN" },
    "eyJQcm92aWRlciI6IlNUUklQRSIsIlJlZmVyZW5jZSI6InR4bl8xIiwiVHlwZSI6IlBBWS1JTiJ9",
  ],
  [
    "WISE",
    { reference: "6000001", type: "TRANSFER" },
    "eyJQcm92aWRlciI6IldJU0UiLCJSZWZlcmVuY2UiOiI2MDAwMDAxIiwiVHlwZSI6IlRSQU5TRkVSIn0=",
  ],
  [
    "MANGOPAY",
    { reference: "9000001", type: "PAY-IN" },
    "eyJQcm92aWRlciI6Ik1BTkdPUEFZIiwiUmVmZXJlbmNlIjoiOTAwMDAwMSIsIlR5cGUiOiJQQVktSU4ifQ==",
  ],
] as const;

test.each(KNOWN)("a payment of %s has the id that other services store", (provider, told, id) => {
  expect(paymentId(provider, told)).toBe(id);
});

test("in a reference only quotes, backslashes and control characters are escaped", () => {
  const id = paymentId("WISE", { reference: 'é<&/>"\\\n', type: "OTHER" });
  expect(Buffer.from(id, "base64url").toString()).toBe(
    '{"Provider":"WISE","Reference":"é<&/>\\"\\\\\\n","Type":"OTHER"}',
  );
});

test("another spelling of an id is the same id", () => {
  const [, , id] = KNOWN[1];
  expect(canonicalPaymentId(id.replace("=", ""))).toBe(id);
  const spaced = '{ "Type":"TRANSFER", "Reference":"6000001", "Provider":"WISE" }';
  expect(canonicalPaymentId(Buffer.from(spaced).toString("base64"))).toBe(id);
});

test.each(["", "nonsense", "e30=", "bnVsbA==", "eyJQcm92aWRlciI6MX0="])("%o is no id", (text) => {
  expect(canonicalPaymentId(text)).toBeNull();
});
