import type { Span } from "./ast.js";
import { fraction } from "./fraction.js";
import { charge, chargePortion, type Effort } from "./limits.js";
import { refuse } from "./refusal.js";
import type { Monetary, Value, ValueOf } from "./value.js";

/** What can be added: like to like. */
export type Summand = ValueOf<"number"> | Monetary;

export function summand(value: Value, span: Span): Summand {
  if (value.type === "number" || value.type === "monetary") return value;
  return refuse({ kind: "type-error", expected: "monetary|number", found: value, span });
}

export const negate = <S extends Summand>(value: S): S =>
  value.type === "number"
    ? { ...value, number: -value.number }
    : { ...value, amount: -value.amount };

/** `right` is of the type of `left`. */
export function add(effort: Effort, left: Summand, right: Summand, span: Span): Summand {
  if (left.type === "number" && right.type === "number") {
    return { type: "number", number: charge(effort, left.number + right.number, span) };
  }
  if (left.type === "monetary" && right.type === "monetary") {
    const { asset } = left;
    if (asset !== right.asset) {
      return refuse({ kind: "mismatched-currency", expected: asset, found: right.asset, span });
    }
    return { type: "monetary", asset, amount: charge(effort, left.amount + right.amount, span) };
  }
  return refuse({ kind: "type-error", expected: left.type, found: right, span });
}

export function divide(
  effort: Effort,
  numerator: bigint,
  denominator: bigint,
  span: Span,
): ValueOf<"portion"> {
  if (denominator === 0n) return refuse({ kind: "divide-by-zero", span });
  chargePortion(effort, numerator, span);
  chargePortion(effort, denominator, span);
  return { type: "portion", portion: fraction(numerator, denominator) };
}
