import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGoDuration, parseGoDuration } from "./goDuration.js";

test.each([
  ["0s", 0n],
  ["1ns", 1n],
  ["1.5µs", 1_500n],
  ["250ms", 250_000_000n],
  ["1.5s", 1_500_000_000n],
  ["2m0s", 120_000_000_000n],
  ["1h0m0.5s", 3_600_500_000_000n],
  ["-1m30s", -90_000_000_000n],
])("prints %s as Go does, and reads it", (text, nanoseconds) => {
  expect(formatGoDuration(nanoseconds)).toBe(text);
  expect(parseGoDuration(text)).toBe(nanoseconds);
});

test.each([
  ["60s", 60_000_000_000n],
  ["1.5h", 5_400_000_000_000n],
  [".5s", 500_000_000n],
  ["1.s", 1_000_000_000n],
  ["2us", 2_000n],
  ["2μs", 2_000n],
  ["+1s", 1_000_000_000n],
  ["0", 0n],
  ["1h2h", 10_800_000_000_000n],
])("reads %s", (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds);
});

test.each(["", "60", "abc", "1 s", "s", "1d", ".s", "1s ", "--1s", `${"9".repeat(1e6)}s`])(
  "refuses %.20s",
  (text) => {
    expect(parseGoDuration(text)).toBeNull();
  },
);

test("reads what it prints", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), (nanoseconds) => {
      expect(parseGoDuration(formatGoDuration(nanoseconds))).toBe(nanoseconds);
    }),
  );
});
