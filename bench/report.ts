import { type Figures, medians, type Rounds, ratio } from "./figures.js";
import { type Grown, MOST_GROWTH } from "./growth.js";
import { MOST_MEMORY_MB, MOST_P99_MS, RATES, RATIOS, SCENARIOS } from "./scenarios.js";

/** A figure that something was promised of. */
export interface Verdict {
  readonly claim: string;
  readonly value: number;
  /** Null if nothing was promised. */
  readonly isMet: boolean | null;
}

/** Each promise whose scenarios were run. */
export function judge(rounds: Rounds, grown: readonly Grown[]): Verdict[] {
  const of = (letter: string) => medians(rounds[letter] ?? []);
  const [smallest, largest] = [grown.at(0)?.perSecond ?? 0, grown.at(-1)?.perSecond ?? 0];
  const memory = Math.max(...Object.values(rounds).flatMap((it) => it.map((one) => one.memoryMb)));
  const verdicts = [
    ...RATIOS.map(({ one, of, floor }) =>
      atLeast(`${one} / ${of}`, ratio(rounds, one, of), floor, ""),
    ),
    ...Object.entries(RATES).map(([letter, rate]) =>
      atLeast(letter, of(letter).perSecond, rate, "/s"),
    ),
    ...Object.entries(MOST_P99_MS).map(([letter, ms]) =>
      atMost(`p99 of ${letter}`, of(letter).p99, ms, " ms"),
    ),
    atMost("memory of the server", memory, MOST_MEMORY_MB, " MB"),
    atMost("cost at the largest / at the smallest", smallest / largest, MOST_GROWTH, ""),
  ];
  return verdicts.filter(({ value }) => Number.isFinite(value));
}

function atLeast(what: string, value: number, floor: number | null, unit: string): Verdict {
  if (floor === null) return { claim: what, value, isMet: null };
  return { claim: `${what} ≥ ${floor}${unit}`, value, isMet: value >= floor };
}

const atMost = (what: string, value: number, most: number, unit: string): Verdict => ({
  claim: `${what} ≤ ${most}${unit}`,
  value,
  isMet: value <= most,
});

export function print(rounds: Rounds, verdicts: readonly Verdict[]): void {
  console.table(
    Object.fromEntries(
      Object.entries(rounds).map(([letter, repetitions]) => [
        `${letter} ${SCENARIOS[letter]?.name}`,
        row(medians(repetitions)),
      ]),
    ),
  );
  for (const { claim, value, isMet } of verdicts) {
    const verdict = isMet === null ? "" : isMet ? "met" : "NOT MET";
    console.log(`${value.toFixed(value < 100 ? 2 : 0).padStart(8)}  ${claim.padEnd(48)}${verdict}`);
  }
}

const row = (it: Figures) => ({
  "per second": Math.round(it.perSecond),
  "p50 ms": Number(it.p50.toFixed(2)),
  "p95 ms": Number(it.p95.toFixed(2)),
  "p99 ms": Number(it.p99.toFixed(2)),
  "server CPU µs": Math.round(it.serverCpu),
  "PostgreSQL CPU µs": Math.round(it.databaseCpu),
  "load CPU µs": Math.round(it.loadCpu),
  "memory MB": Math.round(it.memoryMb),
  "others' CPU %": Math.round(it.othersCpu * 100),
});
