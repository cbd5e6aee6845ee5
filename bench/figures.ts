import type { Outcome } from "./load.js";

/** What a scenario led to, once. */
export interface Figures extends Outcome {
  /** CPU time in microseconds of the server and of PostgreSQL for each that the rate counts. NaN but on Linux. */
  readonly serverCpu: number;
  readonly databaseCpu: number;
  /** The same of the process that makes the load. */
  readonly loadCpu: number;
  /** Of the server, afterwards. NaN but on Linux. */
  readonly memoryMb: number;
  /** Share of the machine's CPU time that programs took which are no part of this. NaN but on Linux. */
  readonly othersCpu: number;
}

/** Repetitions of scenarios: by letter, in the order of the rounds. */
export type Rounds = Readonly<Record<string, readonly Figures[]>>;

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** The median of each figure. */
export function medians(repetitions: readonly Figures[]): Figures {
  const of = (figure: keyof Figures) => median(repetitions.map((it) => it[figure]));
  return {
    count: of("count"),
    perSecond: of("perSecond"),
    p50: of("p50"),
    p95: of("p95"),
    p99: of("p99"),
    failed: of("failed"),
    serverCpu: of("serverCpu"),
    databaseCpu: of("databaseCpu"),
    loadCpu: of("loadCpu"),
    memoryMb: of("memoryMb"),
    othersCpu: of("othersCpu"),
  };
}

/** The median of what the rates of `one` and `of` make in each round. NaN if one of them was not run. */
export const ratio = (rounds: Rounds, one: string, of: string): number =>
  median(
    (rounds[one] ?? []).map(
      ({ perSecond }, round) => perSecond / (rounds[of]?.[round]?.perSecond ?? Number.NaN),
    ),
  );
