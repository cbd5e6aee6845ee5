import { expect, test } from "vitest";
import { backOffMs } from "./backOff.js";

const NOW = Date.parse("2026-11-22T16:00:00Z");
const wait = (failures: number, retryAfter: string | null, random = 0) =>
  backOffMs(failures, retryAfter, NOW, random);

test("waits double, up to 10 s", () => {
  expect([0, 1, 2, 3].map((failures) => wait(failures, null))).toEqual([200, 400, 800, 1600]);
  expect(wait(6, null)).toBe(10_000);
  expect(wait(10_000, null)).toBe(10_000);
});

test("chance takes off up to half", () => {
  expect(wait(0, null, 0.5)).toBe(150);
  expect(wait(0, null, 1)).toBe(100);
});

test.each([
  ["2", 2000],
  ["0", 0],
  ["Sun, 22 Nov 2026 16:00:03 GMT", 3000],
  ["Sun, 22 Nov 2026 15:00:00 GMT", 0],
  ["soon", 0],
  ["99999999999", 3_600_000],
])("a server that asks for %j is given %d ms more", (retryAfter, more) => {
  expect(wait(0, retryAfter)).toBe(more + 200);
});
