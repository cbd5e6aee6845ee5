import type { Call, Expression, Span } from "./ast.js";
import { constantNumber } from "./constants.js";
import type { Report } from "./literals.js";
import { functionSignatures, type Signature } from "./signatures.js";
import type { Type } from "./value.js";

/** What is known where an expression stands. */
export interface Scope {
  /** Types by name; null: a type that does not exist. */
  readonly variables: Map<string, Type | null>;
  /** False if there may be variables that we could not read. */
  readonly knowsAllVariables: boolean;
  readonly report: Report;
}

/** Reports what is wrong in `expression` and, if its type is known, that it is not `expected`. */
export function checkIs(scope: Scope, expression: Expression, expected: Type | "any"): void {
  const found = typeOf(scope, expression);
  if (expected === "any" || found === null || found === expected) return;
  reportType(scope, { expected, found, span: expression.span });
}

const CASTABLE: readonly (Type | null)[] = [null, "account", "string", "number"];

/** Reports what is wrong in `expression`. Null: its type cannot be told. */
export function typeOf(scope: Scope, expression: Expression): Type | null {
  switch (expression.kind) {
    case "variable":
      return variableType(scope, expression.name, expression.span);
    case "asset":
    case "string":
    case "number":
      return expression.kind;
    case "percentage":
      return "portion";
    case "account":
      for (const segment of expression.segments) {
        if (typeof segment === "string") continue;
        const type = variableType(scope, segment.variable, segment.span);
        if (CASTABLE.includes(type)) continue;
        const message = `$${segment.variable} is ${named(type)}: only accounts, strings and numbers can be part of an account`;
        scope.report({ kind: "cannot-cast-to-string", message, span: segment.span });
      }
      return "account";
    case "monetary":
      checkIs(scope, expression.asset, "asset");
      checkIs(scope, expression.amount, "number");
      return "monetary";
    case "call":
      return callType(scope, expression);
    case "negation":
      return summandType(scope, expression.operand);
    case "sum":
    case "difference": {
      const left = summandType(scope, expression.left);
      checkIs(scope, expression.right, left ?? "any");
      return left;
    }
    case "quotient":
      checkIs(scope, expression.left, "number");
      checkIs(scope, expression.right, "number");
      if (constantNumber(expression.right) === 0n) {
        const { span } = expression.right;
        scope.report({ kind: "divide-by-zero", message: "nothing can be divided by zero", span });
      }
      return "portion";
  }
}

function variableType(scope: Scope, name: string, span: Span): Type | null {
  const type = scope.variables.get(name);
  if (type === undefined && scope.knowsAllVariables) {
    scope.report({ kind: "unbound-variable", message: `$${name} is not declared`, span });
  }
  return type ?? null;
}

/** Of what can be added: numbers and amounts of money. */
function summandType(scope: Scope, expression: Expression): Type | null {
  const type = typeOf(scope, expression);
  if (type === null || type === "number" || type === "monetary") return type;
  reportType(scope, { expected: "monetary|number", found: type, span: expression.span });
  return null;
}

function callType(scope: Scope, call: Call): Type | null {
  if (call.name === "meta") {
    const message = "meta() can only be all of what gives a variable its value";
    scope.report({ kind: "invalid-nested-meta", message, span: call.span });
    return null;
  }
  const signature = functionSignatures.get(call.name);
  if (signature === undefined) {
    reportFunction(scope, call, "is not a function that has a value");
    return null;
  }
  checkArguments(scope, call, signature);
  return signature.result;
}

export function reportFunction({ report }: Scope, { name, span }: Call, fault: string): void {
  report({ kind: "unbound-function", message: `${name}() ${fault}`, span });
}

export function checkArguments(scope: Scope, call: Call, { parameters }: Signature): void {
  const { name, arguments: values, span } = call;
  if (values.length !== parameters.length) {
    const message = `${name}() takes ${parameters.length} values, not ${values.length}`;
    scope.report({ kind: "bad-arity", message, span });
    return;
  }
  for (const [index, value] of values.entries()) checkIs(scope, value, parameters[index] ?? "any");
}

const named = (type: string | null): string =>
  type === "account" || type === "asset" ? `an ${type}` : `a ${type}`;

export function reportType(
  { report }: Scope,
  { expected, found, span }: { expected: string; found: Type; span: Span },
): void {
  const wanted = expected.split("|").map(named).join(" or ");
  report({ kind: "type-error", message: `expected ${wanted}, found ${named(found)}`, span });
}
