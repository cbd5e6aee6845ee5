/** An instant: microseconds since the Unix epoch, UTC. PostgreSQL's precision; a Date has only milliseconds. */
export type Micros = bigint;

/** Tells the current instant. Passed in wherever time matters, so that tests choose it. */
export type Clock = () => Micros;

/** The machine's clock. */
export const systemClock: Clock = () => BigInt(Date.now()) * 1000n;

/** The first instant, and the first too late: RFC 3339, protobuf and PostgreSQL's ISO dates share the years 1 to 9999. */
export const YEAR_1: Micros = -62_135_596_800_000_000n;
export const YEAR_10000: Micros = 253_402_300_800_000_000n;

const SECOND = 1_000_000n;

/** `instant` without its fraction of a second, towards the past. */
export const truncateToSecond = (instant: Micros): Micros => {
  const rest = instant % SECOND;
  return instant - (rest < 0n ? rest + SECOND : rest);
};

/** RFC 3339 in UTC, trailing zeros of the fraction trimmed: "2023-07-10T12:00:00.12Z". */
export function formatInstant(instant: Micros): string {
  const second = truncateToSecond(instant);
  const whole = formatSecond(Number(second / SECOND));
  if (instant === second) return `${whole}Z`;
  const fraction = (instant - second).toString().padStart(6, "0").replace(/0+$/, "");
  return `${whole}.${fraction}Z`;
}

let lastSecond = 0;
let lastText = "1970-01-01T00:00:00";

/** Seconds since the Unix epoch as date and time, without a zone. Remembers the last: a batch has few different ones. */
export function formatSecond(second: number): string {
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, 19);
    lastSecond = second;
  }
  return lastText;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/** The instant that RFC 3339 `text` names, cut to microseconds. Null if it names none of the years 1 to 9999, in UTC. */
export function parseInstant(text: string): Micros | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = match;
  const date = `${year}-${month}-${day}`;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return null;
  const milliseconds = Date.parse(`${date}T${hour}:${minute}:${second}${zone.toUpperCase()}`);
  if (Number.isNaN(milliseconds) || hour === "24") return null;
  const instant = BigInt(milliseconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
  return instant >= YEAR_1 && instant < YEAR_10000 ? instant : null;
}
