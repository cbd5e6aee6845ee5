import { expect, test } from "vitest";
import { parseValue } from "./parseValue.js";
import { type Type, valueText } from "./value.js";

const read = (type: Type, text: string): string => {
  const value = parseValue(type, text);
  return value.ok ? valueText(value.value) : value.failure.reason;
};

test.each<[Type, string, string]>([
  ["account", "users:42:main-wallet_1", "users:42:main-wallet_1"],
  ["account", "", ""],
  ["asset", "USD_RED/2", "USD_RED/2"],
  ["number", "-012", "-12"],
  ["number", "+7", "7"],
  ["number", "123456789012345678901234567890", "123456789012345678901234567890"],
  ["monetary", "USD/2 100", "USD/2 100"],
  ["monetary", "COIN -5", "COIN -5"],
  ["portion", "15%", "3/20"],
  ["portion", "12.50%", "1/8"],
  ["portion", "3 / 20", "3/20"],
  ["portion", "6/8", "3/4"],
  ["portion", "100%", "1/1"],
  ["portion", "0/7", "0/1"],
  ["string", 'any "text"\n', 'any "text"\n'],
])("reads the %s %j", (type, text, expected) => {
  expect(read(type, text)).toBe(expected);
});

const anAmount = 'an amount of money is written like "USD/2 100"';

test.each<[Type, string, string]>([
  ["account", "a b", "accounts should respect pattern ^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$"],
  ["account", "a::b", "accounts should respect pattern ^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$"],
  [
    "account",
    "a".repeat(1025),
    "accounts should respect pattern ^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$",
  ],
  ["number", "", "a number is an integer of at most 100000 digits"],
  ["number", "1.5", "a number is an integer of at most 100000 digits"],
  ["number", "1".repeat(100_001), "a number is an integer of at most 100000 digits"],
  ["monetary", "USD/2  100", anAmount],
  ["monetary", "USD/2 100 ", anAmount],
  ["monetary", "usd 100", anAmount],
  ["monetary", "USD/2 1.5", anAmount],
  ["monetary", "USD/2", anAmount],
  ["portion", "1", "invalid format"],
  ["portion", "1  / 2", "invalid format"],
  ["portion", "-1/2", "invalid format"],
  ["portion", "1/0", "invalid fractional format"],
  ["portion", "3/2", "not between 0% and 100%"],
  ["portion", "100.1%", "not between 0% and 100%"],
  ["portion", `1/${"3".repeat(2000)}`, "too many digits"],
  ["portion", `0.${"3".repeat(2000)}%`, "too many digits"],
])("refuses the %s %.20j", (type, text, reason) => {
  expect(read(type, text)).toBe(reason);
});
