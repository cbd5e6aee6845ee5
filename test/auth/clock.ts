import { systemClock } from "../../src/lib/time.js";

export const SECOND = 1_000_000n;

/** A clock that a test moves. */
export function testClock() {
  const clock = { offset: 0n, now: () => systemClock() + clock.offset };
  return clock;
}
