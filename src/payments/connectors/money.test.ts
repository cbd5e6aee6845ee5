import { expect, test } from "vitest";
import { fail, ok } from "../../lib/result.js";
import { toMoney, toMoneyOfUnits } from "./money.js";

test.each([
  ["19.99", "GBP", { asset: "GBP/2", amount: 1999n }],
  ["500", "JPY", { asset: "JPY", amount: 500n }],
  ["0.005", "bhd", { asset: "BHD/3", amount: 5n }],
  ["1.0E7", "EUR", { asset: "EUR/2", amount: 1_000_000_000n }],
  ["1e2", "JPY", { asset: "JPY", amount: 100n }],
  ["-3.5", "EUR", { asset: "EUR/2", amount: -350n }],
])("%s %s is exactly %o", (text, currency, money) => {
  expect(toMoney(currency, text)).toEqual(ok(money));
});

test.each([
  ["8725", "EUR", { asset: "EUR/2", amount: 8725n }],
  ["8725", "JPY", { asset: "JPY", amount: 8725n }],
  ["8.725E3", "BHD", { asset: "BHD/3", amount: 8725n }],
])("%s minor units of %s are %o", (text, currency, money) => {
  expect(toMoneyOfUnits(currency, text)).toEqual(ok(money));
});

test.each([
  ["1.005", "GBP", 'failed to parse amount: "1.005" is none of GBP/2'],
  ["", "GBP", 'failed to parse amount: "" is none of GBP/2'],
  ["1e-3", "GBP", 'failed to parse amount: "1e-3" is none of GBP/2'],
  ["1", "XYZ", 'unknown currency "XYZ"'],
  ["1", "", 'unknown currency ""'],
])("%o %o is refused", (text, currency, failure) => {
  expect(toMoney(currency, text)).toEqual(fail(failure));
});

test("minor units are whole", () => {
  expect(toMoneyOfUnits("EUR", "0.5")).toEqual(
    fail('failed to parse amount: "0.5" is none of EUR/2'),
  );
  expect(toMoneyOfUnits("XYZ", "1")).toEqual(fail('unknown currency "XYZ"'));
});
