/** Where something stands in a script. Lines and columns count from 1; `end` is the place after its last character. */
export interface Span {
  readonly start: Place;
  readonly end: Place;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A script, as it is written. */
export interface Program {
  /** Names in `#![feature(…)]`; null if there is no such line. */
  readonly features: readonly FeatureName[] | null;
  readonly variables: readonly VariableDeclaration[];
  readonly statements: readonly Statement[];
  /** Whether the script asks for the interpreter's way with kept money: a feature line, or a comment `@version interpreter`. */
  readonly isForInterpreter: boolean;
}

export interface FeatureName {
  readonly name: string;
  readonly span: Span;
}

/** `monetary $price = balance(@shop, EUR/2)`; without an origin the caller gives the value. */
export interface VariableDeclaration {
  readonly type: string;
  readonly typeSpan: Span;
  /** Without the "$". */
  readonly name: string;
  readonly span: Span;
  readonly origin: Expression | null;
}

export type Statement =
  | {
      readonly kind: "send";
      readonly sent: Sent;
      readonly source: Source;
      readonly destination: Destination;
      readonly span: Span;
    }
  | {
      readonly kind: "save";
      readonly sent: Sent;
      readonly account: Expression;
      readonly span: Span;
    }
  | { readonly kind: "call"; readonly call: Call; readonly span: Span }
  | { readonly kind: "print"; readonly value: Expression; readonly span: Span }
  | { readonly kind: "fail"; readonly span: Span };

/** `[EUR/2 *]`, or any expression of an amount of money. */
export type Sent =
  | { readonly kind: "all"; readonly asset: Expression; readonly span: Span }
  | { readonly kind: "exactly"; readonly amount: Expression; readonly span: Span };

export type Source =
  | {
      readonly kind: "account";
      readonly account: Expression;
      readonly color: Expression | null;
      /** Null: down to zero. "unbounded": without end. Else down to so much below zero. */
      readonly overdraft: Expression | "unbounded" | null;
      readonly span: Span;
    }
  | {
      readonly kind: "scaling";
      readonly account: Expression;
      readonly through: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: "capped";
      readonly cap: Expression;
      readonly from: Source;
      readonly span: Span;
    }
  | { readonly kind: "ordered"; readonly sources: readonly Source[]; readonly span: Span }
  | { readonly kind: "oneof"; readonly sources: readonly Source[]; readonly span: Span }
  | {
      readonly kind: "allotment";
      readonly clauses: readonly { readonly portion: Portion; readonly from: Source }[];
      readonly span: Span;
    };

export type Destination =
  | { readonly kind: "account"; readonly account: Expression; readonly span: Span }
  | {
      readonly kind: "allotment";
      readonly clauses: readonly { readonly portion: Portion; readonly target: Target }[];
      readonly span: Span;
    }
  | {
      readonly kind: "ordered" | "oneof";
      readonly caps: readonly { readonly cap: Expression; readonly target: Target }[];
      readonly remaining: Target;
      readonly span: Span;
    };

/** Where a share goes; "kept": nowhere. */
export type Target = Destination | "kept";

export type Portion = Expression | "remaining";

export type Expression =
  | { readonly kind: "variable"; readonly name: string; readonly span: Span }
  | { readonly kind: "asset"; readonly asset: string; readonly span: Span }
  /** As written between the quotes: a backslash before a quote stays. */
  | { readonly kind: "string"; readonly text: string; readonly span: Span }
  | { readonly kind: "number"; readonly value: bigint; readonly span: Span }
  /** `12.5%`: 125 with one decimal. */
  | {
      readonly kind: "percentage";
      readonly value: bigint;
      readonly decimals: number;
      readonly span: Span;
    }
  /** `@users:$id`: texts and variables; joined by ":" they are the address. Neighbouring texts are one. */
  | { readonly kind: "account"; readonly segments: readonly Segment[]; readonly span: Span }
  | {
      readonly kind: "monetary";
      readonly asset: Expression;
      readonly amount: Expression;
      readonly span: Span;
    }
  | Call
  | { readonly kind: "negation"; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: "sum" | "difference" | "quotient";
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    };

export interface Call {
  readonly kind: "call";
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly span: Span;
}

export type Segment = string | { readonly variable: string; readonly span: Span };
