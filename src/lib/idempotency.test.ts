import { expect, test } from "vitest";
import { toIdempotencyKey } from "./idempotency.js";

test("an idempotency key has up to 255 characters, and none is none", () => {
  expect(toIdempotencyKey("")).toEqual({ ok: true, value: null });
  expect(toIdempotencyKey("k".repeat(255)).ok).toBe(true);
  expect(toIdempotencyKey("k".repeat(256)).ok).toBe(false);
});
