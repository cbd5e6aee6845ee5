import type { Failure, Outlet } from "./outlet.js";

/** The wait after the first failure, at most. */
const FIRST_MS = 1000;

/**
 * How long to wait after `failures` in a row: twice as long each time, up to `maxMs`. Up to half of that is left out by
 * chance (from 0 to 1), lest all who wait come back at once.
 */
export const backOffMs = (failures: number, maxMs: number, chance: number): number =>
  Math.min(maxMs, FIRST_MS * 2 ** (failures - 1)) * (1 - chance / 2);

/** How long an event waits for another attempt after it failed that many times; null if it gets none. */
export function waitAfter(
  { isFinal, retryAfterMs }: Failure,
  attempts: number,
  { maxAttempts, maxWaitMs }: Omit<Outlet, "sink">,
): number | null {
  if (isFinal || attempts >= maxAttempts) return null;
  const asked = Math.min(retryAfterMs, maxWaitMs);
  return Math.max(asked, backOffMs(attempts, maxWaitMs, Math.random()));
}
