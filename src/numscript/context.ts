import type { Span } from "./ast.js";
import type { Feature } from "./features.js";
import type { AccountAsset, Input } from "./input.js";
import type { Effort } from "./limits.js";
import { refuse } from "./refusal.js";
import type { Value } from "./value.js";

/** Money that moved, in the order of the moves. */
export interface ScriptPosting {
  readonly source: string;
  readonly destination: string;
  /** With its colour: "USD_RED/2". */
  readonly asset: string;
  /** Above zero. */
  readonly amount: bigint;
}

/** Money that was taken from `account`. */
export interface Entry {
  readonly account: string;
  readonly asset: string;
  readonly amount: bigint;
}

/** How one balance was before it was changed. */
interface Change {
  readonly ofAccount: Map<string, bigint>;
  readonly asset: string;
  readonly before: bigint;
}

/** Everything that one run knows and does. */
export interface Context extends Effort {
  readonly input: Input;
  readonly features: ReadonlySet<string>;
  /** Undefined: depends on what is not loaded yet. */
  readonly variables: Map<string, Value | undefined>;
  /** By account and asset: how the script has changed what the store holds. */
  readonly changes: Map<string, Map<string, bigint>>;
  /** What undoes the changes. */
  readonly journal: Change[];
  /** Money that was taken, in line to be given. */
  readonly queue: Entry[];
  /** How many entries of the queue are gone. */
  served: number;
  readonly postings: ScriptPosting[];
  readonly transactionMetadata: Map<string, Value>;
  readonly accountMetadata: Map<string, Map<string, Value>>;
  readonly printed: Value[];
  readonly lacking: Lacking;
  /** How often a balance was asked for in the middle of the script. */
  midScriptReads: number;
}

/** What the store has not loaded. */
export interface Lacking {
  readonly balances: Map<string, AccountAsset>;
  readonly scales: Map<string, { readonly account: string; readonly base: string }>;
  readonly metadata: Set<string>;
}

export function newContext(input: Input, features: ReadonlySet<string>): Context {
  return {
    input,
    features,
    variables: new Map(),
    changes: new Map(),
    journal: [],
    queue: [],
    served: 0,
    postings: [],
    transactionMetadata: new Map(),
    accountMetadata: new Map(),
    printed: [],
    lacking: { balances: new Map(), scales: new Map(), metadata: new Set() },
    midScriptReads: 0,
    hexDigits: 0,
  };
}

export const lacksSomething = ({ balances, scales, metadata }: Lacking): boolean =>
  balances.size > 0 || scales.size > 0 || metadata.size > 0;

export function requireFeature(context: Context, feature: Feature, span: Span): void {
  if (!context.features.has(feature)) refuse({ kind: "experimental-feature", feature, span });
}
