import type { Span } from "./ast.js";
import type { Feature } from "./features.js";
import type { Fraction } from "./fraction.js";
import type { Type, Value } from "./value.js";

/** Why a script was not run to its end. Nothing of it has happened. */
export type ScriptRefusal =
  /** `account` if the money was to come from one account alone. */
  | (At<"missing-funds"> & {
      readonly account: string | null;
      readonly asset: string;
      readonly needed: bigint;
      readonly available: bigint;
    })
  | At<"failed">
  | (At<"type-error"> & { readonly expected: string; readonly found: Value })
  | (At<"unbound-variable"> & { readonly name: string })
  | (At<"missing-variable"> & { readonly name: string })
  | { readonly kind: "extraneous-variable"; readonly name: string; readonly span: null }
  | (At<"invalid-type"> & { readonly name: string })
  | (At<ValueFault["kind"]> & BadValue)
  | (At<"metadata-not-found"> & { readonly account: string; readonly key: string })
  | At<"invalid-nested-meta">
  | (At<"negative-balance"> & {
      readonly account: string;
      readonly asset: string;
      readonly balance: bigint;
    })
  | (At<"negative-amount"> & { readonly asset: string; readonly amount: bigint })
  | (At<"mismatched-currency"> & { readonly expected: string; readonly found: string })
  /** `sum` is null if a portion is negative, or "remaining" is there twice. */
  | (At<"invalid-allotment-sum"> & { readonly sum: Fraction | null })
  | At<"invalid-allotment-in-send-all">
  | (At<"invalid-unbounded-in-send-all"> & { readonly account: string })
  | (At<"invalid-unbounded-address-in-scaling-address"> & { readonly account: string })
  | At<"divide-by-zero">
  | (At<"unbound-function"> & { readonly name: string })
  | (At<"bad-arity"> & {
      readonly name: string;
      readonly expected: number;
      readonly given: number;
    })
  | (At<"experimental-feature"> & { readonly feature: Feature })
  | (At<"cannot-cast-to-string"> & { readonly found: Value })
  | (At<"invalid-color"> & { readonly color: string })
  /** Numbers of more digits than we compute with. */
  | At<"limit-exceeded">;

interface At<Kind extends string> {
  readonly kind: Kind;
  readonly span: Span;
}

/** Why a text is not a value of its type. */
export interface ValueFault {
  readonly kind:
    | "invalid-number-literal"
    | "invalid-monetary-literal"
    | "invalid-asset"
    | "invalid-account-name"
    | "bad-portion-parsing"
    /** JSON that is no form of the type. */
    | "invalid-metadata";
  readonly reason: string;
}

interface BadValue {
  readonly text: string;
  readonly reason: string;
  readonly origin: Origin;
}

/** Where a text came from. */
export type Origin =
  | { readonly kind: "variable"; readonly name: string; readonly type: Type }
  | { readonly kind: "metadata"; readonly account: string; readonly key: string }
  | { readonly kind: "expression" };

/**
 * Ends a run from any depth. Thrown inside this room only: `run` catches it. It is no Error, whose stack would take more time
 * than the run.
 */
export class Stop {
  /** Null: the store has not loaded something yet. */
  readonly refusal: ScriptRefusal | null;

  constructor(refusal: ScriptRefusal | null) {
    this.refusal = refusal;
  }
}

export function refuse(refusal: ScriptRefusal): never {
  throw new Stop(refusal);
}
