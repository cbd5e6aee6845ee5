import { expect, test } from "vitest";
import { ok } from "../../lib/result.js";
import { moneyOf } from "./money.js";

test.each([
  ["19.99", "GBP", { asset: "GBP/2", amount: 1999n }],
  ["500", "JPY", { asset: "JPY", amount: 500n }],
  ["0.005", "bhd", { asset: "BHD/3", amount: 5n }],
])("%s %s is exactly %o", (text, currency, money) => {
  expect(moneyOf(text, currency)).toEqual(ok(money));
});

test.each([
  ["1.005", "GBP", 'failed to parse amount: "1.005" is none of GBP/2'],
  ["", "GBP", 'failed to parse amount: "" is none of GBP/2'],
  ["1", "XYZ", 'unknown currency "XYZ"'],
  ["1", "", 'unknown currency ""'],
])("%o %o is refused", (text, currency, failure) => {
  expect(moneyOf(text, currency)).toEqual({ ok: false, failure });
});
