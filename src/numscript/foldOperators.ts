import type { Expression } from "./ast.js";

export interface Operation {
  readonly kind: "sum" | "difference" | "quotient";
  readonly operand: Expression;
}

const joined = (kind: Operation["kind"], left: Expression, right: Expression): Expression => ({
  kind,
  left,
  right,
  span: { start: left.span.start, end: right.span.end },
});

/** `first + a / b - c` as a tree: "/" binds tighter, and all of them to the left. */
export function foldOperators(first: Expression, operations: readonly Operation[]): Expression {
  let sum: { readonly kind: "sum" | "difference"; readonly left: Expression } | undefined;
  let term = first;
  for (const { kind, operand } of operations) {
    if (kind === "quotient") {
      term = joined(kind, term, operand);
    } else {
      sum = { kind, left: sum === undefined ? term : joined(sum.kind, sum.left, term) };
      term = operand;
    }
  }
  return sum === undefined ? term : joined(sum.kind, sum.left, term);
}
