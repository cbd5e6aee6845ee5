import type { Destination, Expression, Portion, Source, Target } from "../../src/numscript/ast.js";

/** A part of a send with a limit of its own, and the accounts below it. */
export interface Capped {
  readonly cap: bigint;
  readonly accounts: readonly string[];
}

/** A part of a send that is cut into shares, and the accounts below each. */
export interface Shared {
  readonly shares: readonly { readonly portion: Portion; readonly accounts: readonly string[] }[];
  readonly keepsSome: boolean;
}

type Part = Source | Target;

/** `part` and all parts below it. */
function partsIn(part: Part): Part[] {
  return [part, ...childrenOf(part).flatMap(partsIn)];
}

function childrenOf(part: Part): readonly Part[] {
  if (part === "kept") return [];
  switch (part.kind) {
    case "account":
    case "scaling":
      return [];
    case "capped":
      return [part.from];
    case "allotment":
      return part.clauses.map((clause) => ("from" in clause ? clause.from : clause.target));
    case "ordered":
    case "oneof":
      if ("sources" in part) return part.sources;
      return [...part.caps.map(({ target }) => target), part.remaining];
  }
}

const accountsIn = (part: Part): string[] =>
  partsIn(part).flatMap((each) =>
    each !== "kept" && each.kind === "account" ? [nameOf(each.account)] : [],
  );

/** The accounts that pay, and how far each may be overdrawn; null: without end. */
export const limitsIn = (source: Source): [account: string, limit: bigint | null][] =>
  partsIn(source).flatMap((each): [string, bigint | null][] => {
    if (each === "kept" || each.kind !== "account" || !("overdraft" in each)) return [];
    const { overdraft, account } = each;
    if (overdraft === "unbounded") return [[nameOf(account), null]];
    return [[nameOf(account), overdraft === null ? 0n : amountIn(overdraft)]];
  });

export const capsIn = (root: Source | Destination): Capped[] =>
  partsIn(root).flatMap((part): Capped[] => {
    if (part === "kept") return [];
    if (part.kind === "capped") return [{ cap: amountIn(part.cap), accounts: accountsIn(part) }];
    if (!("caps" in part)) return [];
    return part.caps.map(({ cap, target }) => ({
      cap: amountIn(cap),
      accounts: accountsIn(target),
    }));
  });

export const sharesIn = (root: Source | Destination): Shared[] =>
  partsIn(root).flatMap((part): Shared[] => {
    if (part === "kept" || part.kind !== "allotment") return [];
    const shares = part.clauses.map((clause) => ({
      portion: clause.portion,
      accounts: accountsIn("from" in clause ? clause.from : clause.target),
    }));
    return [{ shares, keepsSome: partsIn(part).includes("kept") }];
  });

export const keepsSome = (destination: Destination): boolean =>
  partsIn(destination).includes("kept");

export function nameOf(account: Expression): string {
  if (account.kind !== "account" || typeof account.segments[0] !== "string") throw new Error();
  return account.segments[0];
}

/** A cap is a literal, or one below zero: what it is less than zero by makes no difference. */
export function amountIn(monetary: Expression): bigint {
  if (monetary.kind !== "monetary") throw new Error(monetary.kind);
  return monetary.amount.kind === "number" ? monetary.amount.value : 0n;
}

/** Of shares that are written as fractions, "remaining" aside, over the denominator that they have in common. */
export function numeratorsIn(portions: readonly Portion[]): {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
} {
  const known = portions.map((portion) => {
    if (portion === "remaining") return null;
    if (portion.kind !== "quotient") throw new Error(portion.kind);
    const { left, right } = portion;
    if (left.kind !== "number" || right.kind !== "number") throw new Error("no fraction");
    return { numerator: left.value, denominator: right.value };
  });
  const denominator = known.find((portion) => portion !== null)?.denominator ?? 1n;
  const sum = known.reduce((total, portion) => total + (portion?.numerator ?? 0n), 0n);
  return {
    numerators: known.map((portion) => portion?.numerator ?? denominator - sum),
    denominator,
  };
}
