import fc from "fast-check";
import { expect, test } from "vitest";
import { assetOf, decimalPlaces } from "./currencies.js";
import { toDecimal, toMinorUnits } from "./decimal.js";

test.each([
  ["19.99", 2, 1999n],
  ["1.15", 2, 115n],
  ["0.29", 2, 29n],
  ["4.35", 2, 435n],
  ["8.2", 2, 820n],
  ["500", 0, 500n],
  ["500.00", 0, 500n],
  ["1.234", 3, 1234n],
  ["-3.5", 2, -350n],
  ["1e3", 2, 100_000n],
  ["12E-1", 1, 12n],
  ["123456789012345678901234.56", 2, 12345678901234567890123456n],
])("%s with %i places is %s minor units", (text, places, units) => {
  expect(toMinorUnits(text, places)).toBe(units);
});

test.each(["", "1,5", "1.005", "abc", "1.", ".5", "0x10", "NaN", "1e999", "1 "])(
  "%o is no amount of two places",
  (text) => expect(toMinorUnits(text, 2)).toBeNull(),
);

test("a decimal text is read as it was printed", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 30n), fc.integer({ min: 0, max: 6 }), (units, places) => {
      expect(toMinorUnits(toDecimal(units, places), places)).toBe(units);
    }),
  );
});

test.each([
  [1999n, 2, "19.99"],
  [5n, 2, "0.05"],
  [100n, 2, "1.00"],
  [500n, 0, "500"],
  [1234n, 3, "1.234"],
  [12345678901234567890123456n, 2, "123456789012345678901234.56"],
])("%s minor units of %i places are %s", (units, places, text) => {
  expect(toDecimal(units, places)).toBe(text);
});

test.each([
  ["eur", "EUR/2"],
  ["JPY", "JPY"],
  ["HUF", "HUF/2"],
  ["BHD", "BHD/3"],
  ["TND", "TND/3"],
  ["TWD", "TWD/2"],
  ["CLF", "CLF/4"],
])("%s is counted in %s", (code, asset) => {
  expect(assetOf(code)).toBe(asset);
});

test("a currency that ISO 4217 does not know has no asset", () => {
  expect(assetOf("ABC")).toBeNull();
  expect(decimalPlaces("constructor")).toBeNull();
});
