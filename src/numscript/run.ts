import type { Program } from "./ast.js";
import { type Context, lacksSomething, newContext, type ScriptPosting } from "./context.js";
import type { Input, Needs } from "./input.js";
import { lookAhead } from "./lookAhead.js";
import { probe } from "./probe.js";
import { type ScriptRefusal, Stop } from "./refusal.js";
import { execute } from "./statements.js";
import type { Value } from "./value.js";
import { bindVariables } from "./variables.js";

export type Run =
  | { readonly kind: "done"; readonly outcome: Outcome }
  | { readonly kind: "refused"; readonly refusal: ScriptRefusal }
  /** The store lacks this: load it and run again. */
  | { readonly kind: "needs"; readonly needs: Needs };

/** What a script has decided. Nothing of it has happened yet. */
export interface Outcome {
  readonly postings: readonly ScriptPosting[];
  readonly transactionMetadata: ReadonlyMap<string, Value>;
  /** By account, in the order of the first writes. */
  readonly accountMetadata: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  readonly printed: readonly Value[];
}

/** Runs a script: a pure function that ends for every program and input, and never throws. */
export function run(program: Program, input: Input): Run {
  const context = newContext(input, featuresOf(program, input));
  try {
    bindVariables(context, program.variables);
    probe(context, program.statements);
    if (lacksSomething(context.lacking)) return needs(context, program);
    for (const statement of program.statements) execute(context, statement);
    const { postings, transactionMetadata, accountMetadata, printed } = context;
    return { kind: "done", outcome: { postings, transactionMetadata, accountMetadata, printed } };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    // What was refused may be due to what is not loaded: it is judged when all is known.
    if (error.refusal === null || lacksSomething(context.lacking)) return needs(context, program);
    return { kind: "refused", refusal: error.refusal };
  }
}

function featuresOf({ features }: Program, input: Input): ReadonlySet<string> {
  if (features === null || features.length === 0) return input.features;
  return new Set<string>([...input.features, ...features.map(({ name }) => name)]);
}

function needs(context: Context, { statements }: Program): Run {
  const destinations = lookAhead(context, statements);
  const { balances, scales, metadata } = context.lacking;
  return {
    kind: "needs",
    needs: {
      balances: [...balances.values()],
      scales: [...scales.values()],
      metadata: [...metadata],
      destinations,
    },
  };
}
