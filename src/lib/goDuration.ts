/** Durations as Go writes them ("2m0s", "1.5h"). Values are nanoseconds, within 64 bits. */

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5
  μs: 1_000n, // U+03BC
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = String.raw`(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)`;
const WHOLE = new RegExp(`^([+-]?)((?:${PART})+|0)$`);
const PARTS = new RegExp(PART, "g");

/** No duration of 64 bits needs more characters; it keeps the expressions from long work on hostile text. */
const MAX_LENGTH = 100;

/** The nanoseconds that `text` names, or null. */
export function parseGoDuration(text: string): bigint | null {
  if (text.length > MAX_LENGTH) return null;
  const [, sign, magnitude] = WHOLE.exec(text) ?? [];
  if (magnitude === undefined) return null;
  let total = 0n;
  for (const [, number = "", unit = ""] of magnitude.matchAll(PARTS)) {
    const [whole = "", fraction = ""] = number.split(".");
    const unitNs = UNIT_NS[unit] ?? 0n;
    total += BigInt(whole) * unitNs;
    total += (BigInt(fraction) * unitNs) / 10n ** BigInt(fraction.length);
  }
  return sign === "-" ? -total : total;
}

/** `nanoseconds` as Go prints them: "1h0m0.5s", "250ms", "0s". */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatGoDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return "0s";
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 3)}µs`;
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 6)}ms`;
  const hours = nanoseconds / 3_600_000_000_000n;
  const minutes = (nanoseconds / 60_000_000_000n) % 60n;
  const seconds = decimal(nanoseconds % 60_000_000_000n, 9);
  if (hours > 0n) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0n ? `${minutes}m${seconds}s` : `${seconds}s`;
}

/** `units` / 10^places, trailing zeros trimmed. */
function decimal(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return fraction === "" ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`;
}
