import { expect, test } from "vitest";
import { parsePosting } from "./posting.js";

const SENT = { source: "world", destination: "users:1", asset: "USD/2", amount: "100" };

test("a good posting is taken as it is, of any size", () => {
  expect(parsePosting(SENT)).toEqual({ ok: true, value: { ...SENT, amount: 100n } });
  const amount = "9".repeat(40);
  expect(parsePosting({ ...SENT, amount })).toMatchObject({ value: { amount: BigInt(amount) } });
  expect(parsePosting({ ...SENT, amount: "0" })).toMatchObject({ value: { amount: 0n } });
});

test.each([
  [{ amount: "" }, "no amount"],
  [{ amount: "1.5" }, "invalid amount"],
  [{ amount: "1e3" }, "invalid amount"],
  [{ amount: "0x10" }, "invalid amount"],
  [{ amount: " 1" }, "invalid amount"],
  [{ amount: "9".repeat(100_001) }, "amount too large"],
  [{ amount: "-1", source: "" }, "negative amount"],
  [{ source: "a b", destination: "" }, "invalid source address"],
  [{ destination: "a b", asset: "" }, "invalid destination address"],
  [{ asset: "usd" }, "invalid asset"],
])("%j: %s", (change, fault) => {
  expect(parsePosting({ ...SENT, ...change })).toEqual({ ok: false, failure: fault });
});
