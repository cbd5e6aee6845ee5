import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { formatInstant, parseInstant, truncateToSecond, YEAR_1, YEAR_10000 } from "./time.js";

const anyInstant = fc.bigInt({ min: YEAR_1, max: YEAR_10000 - 1n });

test.prop([anyInstant])("what is formatted is parsed back to the same instant", (instant) => {
  expect(parseInstant(formatInstant(instant))).toBe(instant);
});

test.prop([anyInstant])("truncation is to a whole second at or before the instant", (instant) => {
  const second = truncateToSecond(instant);
  expect(second % 1_000_000n).toBe(0n);
  expect(instant - second).toBeGreaterThanOrEqual(0n);
  expect(instant - second).toBeLessThan(1_000_000n);
});

test("trailing zeros of the fraction are trimmed", () => {
  expect(formatInstant(1_688_990_400_120_000n)).toBe("2023-07-10T12:00:00.12Z");
  expect(formatInstant(1_688_990_400_000_000n)).toBe("2023-07-10T12:00:00Z");
});

test("a zone is converted, and digits past the microsecond are cut", () => {
  expect(parseInstant("2023-07-10T14:00:00.1234567+02:00")).toBe(1_688_990_400_123_456n);
});

test("a zone may bring a time into the years 1 to 9999", () => {
  expect(parseInstant("0000-12-31T23:59:00-00:01")).toBe(YEAR_1);
  expect(parseInstant("9999-12-31T23:59:59.9999999+00:00")).toBe(YEAR_10000 - 1n);
});

test.each([
  "2023-07-10",
  "2023-07-10T12:00:00",
  "2023-07-10 12:00:00Z",
  "2023-02-30T12:00:00Z",
  "2023-07-10T24:00:00Z",
  "2023-07-10T12:60:00Z",
  "2023-07-10T12:00:00.Z",
  "9999-12-31T23:59:59-00:01",
  "0001-01-01T00:00:59+00:01",
  "0000-12-31T23:59:59Z",
  "",
])("%j names no instant", (text) => {
  expect(parseInstant(text)).toBeNull();
});
