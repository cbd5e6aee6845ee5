import type { Expression } from "./ast.js";
import { type Fraction, fraction } from "./fraction.js";
import { fitsPortion } from "./limits.js";

/** More decimals than these say nothing about money, and are left to the run. */
const MAX_DECIMALS = 900;

/** The number that `expression` is whatever the variables are; null if it is none, or too large to tell in passing. */
export function constantNumber(expression: Expression): bigint | null {
  switch (expression.kind) {
    case "number":
      return fitsPortion(expression.value) ? expression.value : null;
    case "negation": {
      const operand = constantNumber(expression.operand);
      return operand === null ? null : -operand;
    }
    case "sum":
    case "difference": {
      const left = constantNumber(expression.left);
      const right = constantNumber(expression.right);
      if (left === null || right === null) return null;
      return expression.kind === "sum" ? left + right : left - right;
    }
    default:
      return null;
  }
}

/** The portion that `expression` is whatever the variables are; null if it is none, or hard to tell. */
export function constantPortion(expression: Expression): Fraction | null {
  if (expression.kind === "percentage") {
    const { value, decimals } = expression;
    const isModest = decimals <= MAX_DECIMALS && fitsPortion(value);
    return isModest ? fraction(value, 10n ** BigInt(decimals + 2)) : null;
  }
  if (expression.kind !== "quotient") return null;
  const numerator = constantNumber(expression.left);
  const denominator = constantNumber(expression.right);
  if (numerator === null || denominator === null || denominator === 0n) return null;
  return fraction(numerator, denominator);
}

/** Null if it grows too large to tell in passing. */
export function sumOf(portions: readonly Fraction[]): Fraction | null {
  let { numerator, denominator } = { numerator: 0n, denominator: 1n };
  for (const portion of portions) {
    if (denominator % portion.denominator !== 0n) {
      numerator *= portion.denominator;
      denominator *= portion.denominator;
      if (!fitsPortion(denominator)) return null;
    }
    numerator += portion.numerator * (denominator / portion.denominator);
  }
  return fraction(numerator, denominator);
}
