import { fc, test as law } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { formatAmount, formatMonetary, parseAmount, parseAsset, parseMonetary } from "./amounts.js";

test.each([
  ["19.99", "USD/2", 1999n],
  ["19.9", "USD/2", 1990n],
  ["19", "USD/2", 1900n],
  ["0.01", "USD/2", 1n],
  ["-0.05", "USD/2", -5n],
  ["19.99000", "USD/2", 1999n],
  ["007", "JPY", 7n],
  ["7", "JPY/0", 7n],
  ["12345678901234567890.123456789012345678", "ETH/18", 12345678901234567890123456789012345678n],
])("%s of %s is %s minor units", (text, asset, amount) => {
  expect(parseAmount(text, asset)).toBe(amount);
});

test.each([
  [1999n, "USD/2", "19.99"],
  ["1999", "USD/2", "19.99"],
  [1n, "USD/2", "0.01"],
  [0n, "USD/2", "0.00"],
  [-5n, "USD/2", "-0.05"],
  [-1999n, "USD/2", "-19.99"],
  [7n, "JPY", "7"],
  [1n, "ETH/18", "0.000000000000000001"],
])("%s of %s is written %s", (amount, asset, text) => {
  expect(formatAmount(amount, asset)).toBe(text);
});

const exact = fc.record({
  amount: fc.bigInt(),
  asset: fc.constantFrom("JPY", "USD/2", "BHD/3", "ETH/18", "USD_BLUE/2"),
});

law.prop([exact])("what is written is read back as it was", ({ amount, asset }) => {
  expect(parseAmount(formatAmount(amount, asset), asset)).toBe(amount);
  expect(parseMonetary(formatMonetary({ asset, amount }))).toEqual({ asset, amount });
});

test.each(["19.999", "0.001"])("%s does not fit USD/2 and is not rounded", (text) => {
  expect(() => parseAmount(text, "USD/2")).toThrow("more decimal places than USD/2");
});

test.each(["", " 1", "1 ", "1,000", "1e3", ".5", "5.", "+5", "--5", "0x1F", "1.2.3", "١", "NaN"])(
  "%j is no decimal number",
  (text) => expect(() => parseAmount(text, "USD/2")).toThrow(RangeError),
);

test("assets are taken apart, and what is none is refused", () => {
  expect(parseAsset("USD/2")).toEqual({ name: "USD", decimals: 2 });
  expect(parseAsset("USD")).toEqual({ name: "USD", decimals: 0 });
  expect(parseAsset("USD_BLUE/2")).toEqual({ name: "USD_BLUE", decimals: 2 });
  for (const text of [
    "",
    "usd/2",
    "USD/",
    "USD/-2",
    "USD/2 ",
    "USD/1234567",
    "A1234567890123456789",
  ]) {
    expect(() => parseAsset(text), text).toThrow(RangeError);
    expect(() => formatAmount(1n, text), text).toThrow(RangeError);
    expect(() => formatMonetary({ asset: text, amount: 1n }), text).toThrow(RangeError);
  }
});

test("a monetary is an asset and an integer", () => {
  expect(parseMonetary("USD/2 1999")).toEqual({ asset: "USD/2", amount: 1999n });
  for (const text of ["USD/2", "USD/2 19.99", "usd 1", "USD/2 1 2", "1999 USD/2", " USD/2 1", ""]) {
    expect(() => parseMonetary(text), text).toThrow(RangeError);
  }
});

test("amounts that are text must be integers", () => {
  for (const text of ["", "19.99", "1e3", " 1", "0x1F"]) {
    expect(() => formatAmount(text, "USD/2"), text).toThrow(RangeError);
  }
});
