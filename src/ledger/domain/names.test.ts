import { expect, test } from "vitest";
import { isAddress, isAsset, isLedgerName } from "./names.js";

test.each([
  ["world", true],
  ["users:42:wallet", true],
  ["0", true],
  ["a_b:C-d", true],
  ["users:5b0e1f9e-8a4c-4e4c-9a43-0a1b2c3d4e5f", true],
  ["", false],
  [":a", false],
  ["a:", false],
  ["a::b", false],
  ["a b", false],
  ["é", false],
  ["a\n", false],
  ["a".repeat(1024), true],
  ["a".repeat(1025), false],
])("address %j: %j", (text, expected) => {
  expect(isAddress(text)).toBe(expected);
});

test.each([
  ["USD", true],
  ["USD/2", true],
  ["A1234567890123456", true],
  ["A12345678901234567", false],
  ["USD_GIFT/2", true],
  ["USD_/2", false],
  ["ETH/000018", true],
  ["ETH/1234567", false],
  ["usd", false],
  ["1USD", false],
  ["USD/", false],
  ["USD\n", false],
  ["", false],
])("asset %j: %j", (text, expected) => {
  expect(isAsset(text)).toBe(expected);
});

test.each([
  ["main", true],
  ["2023-Q3_eu", true],
  ["-", true],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
  ["_system", false],
  ["", false],
  ["a.b", false],
  ['a"b', false],
])("ledger name %j: %j", (text, expected) => {
  expect(isLedgerName(text)).toBe(expected);
});
