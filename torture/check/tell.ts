import type { Effect, Refusal, Write } from "../history.js";
import type { Look, Step } from "./simulate.js";

// Steps of a story, in few words.

/** In EUR/2. */
export const posting = (source: string, destination: string, amount: bigint) => [
  { source, destination, asset: "EUR/2", amount },
];

export const pay = (
  marker: string,
  source: string,
  destination: string,
  amount: bigint,
): Effect => ({
  type: "transaction",
  marker,
  postings: posting(source, destination, amount),
});

type Told = Partial<Pick<Step, "outcome" | "happens" | "begin" | "end" | "refusal">>;

export const write = (effects: readonly Effect[], more: Partial<Write> & Told = {}) => {
  const { outcome = "ok", happens = true, begin, end, refusal, ...rest } = more;
  const times = { ...(begin !== undefined && { begin }), ...(end !== undefined && { end }) };
  const marker = effects.map((each) => JSON.stringify({ ...each, postings: 0 })).join();
  const what: Write = { kind: "write", marker, dryRun: false, effects, ...rest };
  return { outcome, happens, ...times, ...(refusal !== undefined && { refusal }), what };
};

/** A write that sets the mapping. */
export const setMapping = (name: string, more: Partial<Write> & Told = {}) =>
  write([], { marker: name, mapping: name, ...more });

/** A write that its ledger refuses. */
export const refuse = (
  effects: readonly Effect[],
  refusal: Refusal,
  more: Partial<Write> & Told = {},
) => write(effects, { outcome: "refused", happens: false, refusal, ...more });

export const read = (of: Look) => ({
  outcome: "ok" as const,
  happens: true,
  what: { kind: "read" as const, of },
});

/** One after the other, each of 5 ms every 10 ms. */
export const inTurn = (steps: readonly (Omit<Step, "client" | "begin" | "end"> & Told)[]): Step[] =>
  steps.map((step, turn) => {
    const { begin = 10 * turn, end = 10 * turn + 5 } = step;
    return { ...step, client: turn, begin, end };
  });
