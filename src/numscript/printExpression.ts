import type { Expression } from "./ast.js";

const signs = { sum: "+", difference: "-", quotient: "/" } as const;

/** An expression as text, with no more parentheses than it needs. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "variable":
      return `$${expression.name}`;
    case "asset":
      return expression.asset;
    case "string":
      return `"${expression.text}"`;
    case "number":
      return expression.value.toString();
    case "percentage":
      return printPercentage(expression.value, expression.decimals);
    case "account":
      return `@${expression.segments
        .map((segment) => (typeof segment === "string" ? segment : `$${segment.variable}`))
        .join(":")}`;
    case "monetary":
      return `[${printOperand(expression.asset)} ${printExpression(expression.amount)}]`;
    case "call":
      return `${expression.name}(${expression.arguments.map(printExpression).join(", ")})`;
    case "negation":
      return `-${printOperand(expression.operand)}`;
    case "sum":
    case "difference":
      return `${printExpression(expression.left)} ${signs[expression.kind]} ${printTerm(expression.right)}`;
    case "quotient":
      return `${printTerm(expression.left)}${slashAfter(expression.left)}${printOperand(expression.right)}`;
  }
}

/** `1/3`, but `USD / 3`: together, an asset, "/" and digits are another asset. */
const slashAfter = ({ kind }: Expression): string => (kind === "number" ? "/" : " / ");

/** In parentheses if it is a sum or a difference. */
const printTerm = (expression: Expression): string =>
  expression.kind === "quotient" ? printExpression(expression) : printOperand(expression);

/** In parentheses if it has two operands. */
export const printOperand = (expression: Expression): string =>
  expression.kind in signs ? `(${printExpression(expression)})` : printExpression(expression);

function printPercentage(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  return decimals === 0 ? `${whole}%` : `${whole}.${digits.slice(-decimals)}%`;
}
