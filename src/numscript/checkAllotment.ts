import type { Portion, Source, Span } from "./ast.js";
import { checkIs, type Scope } from "./checkExpression.js";
import { constantPortion, sumOf } from "./constants.js";
import { fractionText } from "./fraction.js";

/** Reports portions that cannot add up to one, whatever the variables are. */
export function checkPortions(scope: Scope, portions: readonly Portion[], span: Span): void {
  const expressions = portions.filter((portion) => portion !== "remaining");
  for (const expression of expressions) checkIs(scope, expression, "portion");
  const fault = faultOf(portions);
  if (fault !== null) scope.report({ kind: "invalid-allotment-sum", message: fault, span });
}

function faultOf(portions: readonly Portion[]): string | null {
  const expressions = portions.filter((portion) => portion !== "remaining");
  const constants = expressions.map(constantPortion).filter((portion) => portion !== null);
  const remainders = portions.length - expressions.length;
  if (remainders > 1) return '"remaining" can stand only once among portions';
  if (constants.some(({ numerator }) => numerator < 0n)) return "a portion cannot be negative";
  const sum = sumOf(constants);
  if (sum === null) return null;
  if (sum.numerator > sum.denominator) {
    return `these portions add up to ${fractionText(sum)}, which is more than the whole`;
  }
  const isAll = remainders === 0 && constants.length === portions.length;
  return isAll && sum.numerator !== sum.denominator
    ? `these portions add up to ${fractionText(sum)}, which is less than the whole; "remaining" takes what is left`
    : null;
}

/** Reports what cannot be emptied, in the source of a send of everything. A cap puts an end to any source. */
export function checkEmptied(scope: Scope, source: Source): void {
  const { span } = source;
  switch (source.kind) {
    case "account": {
      const { account } = source;
      const isWorld = account.kind === "account" && account.segments.join(":") === "world";
      if (!isWorld && source.overdraft !== "unbounded") return;
      const message = "a source without end cannot be sent as a whole";
      scope.report({ kind: "invalid-unbounded-in-send-all", message, span });
      return;
    }
    case "allotment": {
      const message = "an allotment has shares of an amount; it cannot be sent as a whole";
      scope.report({ kind: "invalid-allotment-in-send-all", message, span });
      return;
    }
    case "ordered":
      for (const each of source.sources) checkEmptied(scope, each);
      return;
    case "oneof":
      // Of these only the first is emptied.
      for (const first of source.sources.slice(0, 1)) checkEmptied(scope, first);
      return;
    case "capped":
    case "scaling":
      return;
  }
}
