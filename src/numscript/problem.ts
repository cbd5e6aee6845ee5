import type { Span } from "./ast.js";

/** Why a script cannot run, known before it runs. Kinds that can also turn up while running have the same name there. */
export interface ScriptProblem {
  readonly kind: ProblemKind;
  /** One sentence for the script's author, without the place. */
  readonly message: string;
  readonly span: Span;
}

export type ProblemKind =
  /** Not the language at all. */
  | "syntax"
  /** Longer, deeper or more wrong than we read. */
  | "limit-exceeded"
  | "invalid-account-name"
  | "invalid-asset"
  | "invalid-feature"
  | "invalid-type"
  | "duplicate-variable"
  | "unbound-variable"
  | "unbound-function"
  | "invalid-nested-meta"
  | "bad-arity"
  | "type-error"
  | "cannot-cast-to-string"
  | "divide-by-zero"
  | "invalid-allotment-sum"
  | "invalid-allotment-in-send-all"
  | "invalid-unbounded-in-send-all";
