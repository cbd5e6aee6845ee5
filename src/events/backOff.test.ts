import { expect, test } from "vitest";
import { backOffMs, waitAfter } from "./backOff.js";

const HOUR_MS = 3_600_000;
const failure = { reason: "not now", isFinal: false, retryAfterMs: 0 };
const receiver = { maxAttempts: 20, maxWaitMs: 1_200_000 };

test("the wait doubles from a second up to its limit, and chance takes up to half of it", () => {
  const waits = [1, 2, 3, 9, 10, 1000].map((failures) => backOffMs(failures, 300_000, 0));
  expect(waits).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
  expect(backOffMs(3, 300_000, 1)).toBe(2000);
});

test("a receiver has between one and a half and three and a half hours", () => {
  let total = 0;
  for (let attempts = 1; ; attempts++) {
    const wait = waitAfter(failure, attempts, receiver);
    if (wait === null) break;
    total += wait;
  }
  expect(total).toBeGreaterThan(1.5 * HOUR_MS);
  expect(total).toBeLessThan(3.5 * HOUR_MS);
});

test("a receiver that asks for time gets it, within the limit", () => {
  expect(waitAfter({ ...failure, retryAfterMs: 60_000 }, 1, receiver)).toBe(60_000);
  expect(waitAfter({ ...failure, retryAfterMs: HOUR_MS }, 1, receiver)).toBe(1_200_000);
});

test("a final refusal, and one too many, get no other attempt", () => {
  expect(waitAfter({ ...failure, isFinal: true }, 1, receiver)).toBeNull();
  expect(waitAfter(failure, 20, receiver)).toBeNull();
});
