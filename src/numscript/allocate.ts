import type { Portion, Span } from "./ast.js";
import type { Context } from "./context.js";
import { evaluateAs } from "./evaluate.js";
import { type Fraction, floorOf, fraction } from "./fraction.js";
import { charge, chargePortion, type Effort } from "./limits.js";
import { refuse } from "./refusal.js";

/**
 * Cuts `amount` into the shares of `clauses`: every share is rounded down, and what is left goes to the first clauses, a unit
 * each, whatever their portions are.
 */
export function allocate(
  context: Context,
  clauses: readonly { readonly portion: Portion }[],
  amount: bigint,
  span: Span,
): bigint[] {
  const portions = portionsOf(context, clauses, span);
  const shares = portions.map((portion) => charge(context, floorOf(portion, amount), span));
  let left = amount - shares.reduce((sum, share) => sum + share, 0n);
  return shares.map((share) => (left-- > 0n ? share + 1n : share));
}

/** Their sum is one. */
function portionsOf(
  context: Context,
  clauses: readonly { readonly portion: Portion }[],
  span: Span,
): Fraction[] {
  const portions = clauses.map(({ portion }) =>
    portion === "remaining" ? null : evaluateAs(context, portion, "portion").portion,
  );
  const known = sum(context, portions, span);
  const rest = known.denominator - known.numerator;
  const isWhole = portions.includes(null) ? rest >= 0n : rest === 0n;
  if (!isWhole) refuseSum(known, span);
  if (portions.filter((portion) => portion === null).length > 1) refuseSum(null, span);
  const remaining = { numerator: rest, denominator: known.denominator };
  return portions.map((portion) => portion ?? remaining);
}

/** Not in lowest terms: equal denominators are the rule, and then nothing grows. */
function sum(effort: Effort, portions: readonly (Fraction | null)[], span: Span): Fraction {
  let { numerator, denominator } = { numerator: 0n, denominator: 1n };
  for (const portion of portions) {
    if (portion === null) continue;
    if (portion.numerator < 0n) refuseSum(null, span);
    if (denominator % portion.denominator !== 0n) {
      numerator *= portion.denominator;
      denominator = chargePortion(effort, denominator * portion.denominator, span);
    }
    numerator += portion.numerator * (denominator / portion.denominator);
  }
  return { numerator, denominator };
}

const refuseSum = (sum: Fraction | null, span: Span): never =>
  refuse({
    kind: "invalid-allotment-sum",
    sum: sum && fraction(sum.numerator, sum.denominator),
    span,
  });
