import { expect, test } from "vitest";
import { isStorable } from "./isStorable.js";

const nested = (levels: number): unknown => (levels === 0 ? null : { in: [nested(levels - 2)] });

test("takes any JSON of a sensible depth", () => {
  expect(isStorable({ a: [1.5, null, true, "text", { b: {} }] })).toBe(true);
  expect(isStorable(nested(30))).toBe(true);
});

test.each([Number.NaN, Infinity, nested(32)])("refuses %j", (value) => {
  expect(isStorable({ value })).toBe(false);
});
