import { expect, test } from "vitest";
import type { Value } from "../../numscript/value.js";
import { excessOf, printedTexts, toMetadata } from "./scriptOutput.js";

const text = (length: number): Value => ({ type: "string", string: "x".repeat(length) });

const outcome = (parts: Partial<Parameters<typeof excessOf>[0]>) => ({
  postings: [],
  transactionMetadata: new Map(),
  accountMetadata: new Map(),
  printed: [],
  ...parts,
});

test("every type of value has its typed form, and a key may be any text", () => {
  const values: [string, Value][] = [
    ["account", { type: "account", account: "users:1" }],
    ["asset", { type: "asset", asset: "USD/2" }],
    ["__proto__", { type: "number", number: -12n }],
    ["monetary", { type: "monetary", asset: "USD/2", amount: 100n }],
    ["portion", { type: "portion", portion: { numerator: 3n, denominator: 20n } }],
    ["whole", { type: "portion", portion: { numerator: 1n, denominator: 1n } }],
    ["string", { type: "string", string: "a b" }],
  ];
  expect(JSON.parse(JSON.stringify(toMetadata(new Map(values))))).toEqual(
    JSON.parse(`{
      "account": {"type": "account", "value": "users:1"},
      "asset": {"type": "asset", "value": "USD/2"},
      "__proto__": {"type": "number", "value": -12},
      "monetary": {"type": "monetary", "value": {"asset": "USD/2", "amount": 100}},
      "portion": {"type": "portion", "value": {"remaining": false, "specific": "3/20"}},
      "whole": {"type": "portion", "value": {"remaining": false, "specific": "1"}},
      "string": {"type": "string", "value": "a b"}
    }`),
  );
});

test("what a script may make is counted in postings, accounts and characters", () => {
  const posting = { source: "a", destination: "b", asset: "GEM", amount: 1n };
  const postings = (length: number) => outcome({ postings: Array(length).fill(posting) });
  expect(excessOf(postings(10_000))).toBeNull();
  expect(excessOf(postings(10_001))).toBe("more than 10000 postings");
  const accounts = (length: number, size: number) =>
    outcome({
      accountMetadata: new Map(
        Array.from({ length }, (_, n) => [`a:${n}`, new Map([["key", text(size)]])]),
      ),
    });
  expect(excessOf(accounts(10_000, 1))).toBeNull();
  expect(excessOf(accounts(10_001, 1))).toBe("metadata of more than 10000 accounts");
  expect(excessOf(accounts(4, 1024 * 1024 - 3))).toBeNull();
  expect(excessOf(accounts(4, 1024 * 1024 - 2))).toBe("more than 4194304 characters");
  const large = { ...posting, amount: 16n ** 90_000n };
  expect(excessOf(outcome({ postings: Array(47).fill(large) }))).toBe(
    "more than 4194304 characters",
  );
});

test("of what is printed, a log gets the beginning", () => {
  const texts = printedTexts([text(1024), text(1025), ...Array<Value>(30).fill(text(1))]);
  expect(texts.map(({ length }) => length)).toEqual([1024, 1025, ...Array(18).fill(1)]);
});
