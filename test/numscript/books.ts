import { compile } from "../../src/numscript/compile.js";
import { type Feature, features } from "../../src/numscript/features.js";
import type { Input, Store, StoredMetadata } from "../../src/numscript/input.js";
import { type Outcome, type Run, run } from "../../src/numscript/run.js";
import { type Value, valueText } from "../../src/numscript/value.js";

/** What a ledger holds before a script. */
export interface Books {
  /** By account and asset, with a space between; what is not listed is zero. */
  readonly balances?: Readonly<Record<string, bigint>>;
  readonly metadata?: Readonly<Record<string, StoredMetadata>>;
}

/** `books` with everything loaded. */
export function storeOf({ balances = {}, metadata = {} }: Books): Store {
  return {
    balance: (account, asset) => balances[`${account} ${asset}`] ?? 0n,
    balances: (account, base) => {
      const held = new Map<string, bigint>();
      for (const [key, balance] of Object.entries(balances)) {
        const [owner, asset = ""] = key.split(" ");
        if (owner === account && asset.split("/")[0] === base) held.set(asset, balance);
      }
      return held;
    },
    metadata: (account) => metadata[account] ?? {},
  };
}

export interface Circumstances extends Books {
  readonly variables?: Readonly<Record<string, string>>;
  readonly features?: readonly Feature[];
  readonly kept?: Input["kept"];
  readonly isStrict?: boolean;
}

/** An input with all features on, unless it is told otherwise. */
export const inputOf = (circumstances: Circumstances, store = storeOf(circumstances)): Input => ({
  variables: new Map(Object.entries(circumstances.variables ?? {})),
  store,
  features: new Set(circumstances.features ?? features),
  kept: circumstances.kept ?? "machine",
  isStrict: circumstances.isStrict ?? false,
});

/** Compiles and runs `script`. */
export function runScript(script: string, circumstances: Circumstances = {}): Run {
  const program = compile(script);
  if (!program.ok) throw new Error(program.failure.map(({ message }) => message).join("; "));
  return run(program.value, inputOf(circumstances));
}

/** What `script` leads to; it is not to be refused. */
export function outcomeOf(script: string, circumstances: Circumstances = {}): Outcome {
  const ended = runScript(script, circumstances);
  if (ended.kind !== "done") throw new Error(`the script is not done: ${shown(ended)}`);
  return ended.outcome;
}

export const postingsOf = (script: string, circumstances: Circumstances = {}): string[] =>
  outcomeOf(script, circumstances).postings.map(
    ({ source, destination, asset, amount }) => `${source} -> ${destination} ${asset} ${amount}`,
  );

/** Values as plain metadata writes them. */
export const textsOf = (values: ReadonlyMap<string, Value>): Record<string, string> =>
  Object.fromEntries([...values].map(([key, value]) => [key, valueText(value)]));

/** Anything as text, big integers included. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, member) => (typeof member === "bigint" ? `${member}` : member));
