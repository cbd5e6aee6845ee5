import type { Calls } from "./calls.js";
import type { Job } from "./job.js";

/** One line of the table. */
export interface Scenario {
  readonly name: string;
  readonly job: Job;
}

const rest = (calls: Calls, connections: number, ...ledgers: string[]): Job => ({
  kind: "rest",
  calls,
  connections,
  ledgers,
});

const several = (count: number) => Array.from({ length: count }, (_, n) => `bench-${count}-${n}`);

/** By the letters that ratios and BENCH_ONLY name them by. Each has a ledger of its own. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  a: { name: "ceiling: the bare statement, 100 to a commit", job: { kind: "ceiling" } },
  b: { name: "REST, batches of 100, 16 at a time", job: rest("batch", 16, "bench-b") },
  c: { name: "the same, one hot account", job: rest("hot batch", 16, "bench-c") },
  d: { name: "REST, one by one, 64 at a time", job: rest("single", 64, "bench-d") },
  dh: { name: "the same, one hot account", job: rest("hot single", 64, "bench-dh") },
  e: { name: "REST, Numscript, 64 at a time", job: rest("script", 64, "bench-e") },
  f: {
    name: "gRPC, one by one, 64 at a time",
    job: { kind: "unary", ledger: "bench-f", inFlight: 64, by: "frames" },
  },
  fj: {
    name: "the same, called by grpc-js",
    job: { kind: "unary", ledger: "bench-fj", inFlight: 64, by: "grpc-js" },
  },
  g: {
    name: "gRPC, one stream, 2,000 under way",
    job: { kind: "stream", ledger: "bench-g", inFlight: 2000 },
  },
  h2: { name: "as b, two ledgers", job: rest("batch", 16, ...several(2)) },
  h8: { name: "as b, eight ledgers", job: rest("batch", 16, ...several(8)) },
  j: { name: "REST, four reads to a write, 64 at a time", job: rest("mixed", 64, "bench-j") },
  z: {
    name: "PostgreSQL alone: a row to a commit, 64 at a time",
    job: { kind: "commits", connections: 64 },
  },
};

/** That the rate of `one` is at least `floor` times that of `of`, both measured in one run. */
export interface Ratio {
  readonly one: string;
  readonly of: string;
  /** Null: none is promised. */
  readonly floor: number | null;
}

export const RATIOS: readonly Ratio[] = [
  { one: "b", of: "a", floor: 0.4 },
  { one: "c", of: "b", floor: 0.95 },
  { one: "d", of: "b", floor: 0.3 },
  { one: "e", of: "d", floor: 0.7 },
  { one: "f", of: "d", floor: 0.6 },
  { one: "g", of: "b", floor: 0.9 },
  { one: "fj", of: "d", floor: null },
  { one: "dh", of: "d", floor: null },
  { one: "d", of: "z", floor: null },
  { one: "h2", of: "b", floor: null },
  { one: "h8", of: "b", floor: null },
];

/** What an idle machine of two cores reaches, the load on it. */
export const RATES: Readonly<Record<string, number>> = { b: 12_000, g: 12_000, d: 4000, f: 2500 };

export const MOST_P99_MS: Readonly<Record<string, number>> = { d: 60 };

/** Of the server, after any scenario. */
export const MOST_MEMORY_MB = 500;
