const FIRST_MS = 200;
const LONGEST_MS = 10_000;
const LONGEST_ASKED_MS = 3_600_000;

/**
 * How long to wait after `failures` earlier failures in a row: twice as long each time, up to 10 s, of which a random half is
 * taken off so that clients that failed together do not come back together. What the server asks for comes on top, up to an
 * hour.
 *
 * @param retryAfter What its header Retry-After says: seconds, or a date (RFC 9110, 10.2.3).
 */
export function backOffMs(
  failures: number,
  retryAfter: string | null,
  now: number = Date.now(),
  random: number = Math.random(),
): number {
  const jittered = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (1 - random / 2);
  return askedForMs(retryAfter, now) + jittered;
}

function askedForMs(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), LONGEST_ASKED_MS);
}
