import { add, divide, negate, summand } from "./arithmetic.js";
import type { Call, Expression, Segment, Span } from "./ast.js";
import { type Context, requireFeature } from "./context.js";
import { functions } from "./functions.js";
import { charge, fitsName } from "./limits.js";
import { ACCOUNT_PATTERN, isAccount, LONGEST_ACCOUNT } from "./names.js";
import { refuse, Stop } from "./refusal.js";
import { type Type, type Value, type ValueOf, valueText } from "./value.js";

/** The value of `expression`. It may be an account with an empty name, which no place but metadata can use. */
export function evaluate(context: Context, expression: Expression): Value {
  const { span } = expression;
  switch (expression.kind) {
    case "variable":
      return variable(context, expression.name, span);
    case "asset":
      return { type: "asset", asset: expression.asset };
    case "string":
      return { type: "string", string: expression.text };
    case "number":
      return { type: "number", number: charge(context, expression.value, span) };
    case "percentage":
      return divide(context, expression.value, 10n ** BigInt(expression.decimals + 2), span);
    case "account":
      return { type: "account", account: accountName(context, expression.segments, span) };
    case "monetary": {
      const { asset } = evaluateAs(context, expression.asset, "asset");
      const { number } = evaluateAs(context, expression.amount, "number");
      return { type: "monetary", asset, amount: number };
    }
    case "call":
      requireFeature(context, "experimental-mid-script-function-call", span);
      context.midScriptReads++;
      return call(context, expression);
    case "negation":
      return negate(summand(evaluate(context, expression.operand), expression.operand.span));
    case "sum":
    case "difference": {
      const left = summand(evaluate(context, expression.left), expression.left.span);
      const right = evaluateAs(context, expression.right, left.type);
      return add(context, left, expression.kind === "sum" ? right : negate(right), span);
    }
    case "quotient": {
      const { number: numerator } = evaluateAs(context, expression.left, "number");
      const { number: denominator } = evaluateAs(context, expression.right, "number");
      return divide(context, numerator, denominator, span);
    }
  }
}

/** The value of `expression`, which is to be of `type`. */
export function evaluateAs<T extends Type>(
  context: Context,
  expression: Expression,
  type: T,
): ValueOf<T> {
  const value = evaluate(context, expression);
  if (type === "account" && value.type === "account" && value.account === "") {
    return refuseName("", expression.span);
  }
  if (!isOf(value, type)) {
    return refuse({ kind: "type-error", expected: type, found: value, span: expression.span });
  }
  return value;
}

const isOf = <T extends Type>(value: Value, type: T): value is ValueOf<T> => value.type === type;

/** The account that `expression` names. */
export const accountOf = (context: Context, expression: Expression): string =>
  evaluateAs(context, expression, "account").account;

/** The amount that `expression` says, which is to be of `asset`. */
export function amountOf(context: Context, expression: Expression, asset: string): bigint {
  const monetary = evaluateAs(context, expression, "monetary");
  if (monetary.asset !== asset) {
    const { span } = expression;
    refuse({ kind: "mismatched-currency", expected: asset, found: monetary.asset, span });
  }
  return monetary.amount;
}

/** The value of a call, wherever it stands. */
export function call(context: Context, expression: Call): Value {
  const { name, span } = expression;
  if (name === "meta") return refuse({ kind: "invalid-nested-meta", span });
  const called = functions.get(name);
  if (called === undefined) return refuse({ kind: "unbound-function", name, span });
  if (called.feature !== null) requireFeature(context, called.feature, span);
  const values = argumentsOf(context, expression, called.parameters);
  return called.apply(context, values, span);
}

type Parameter = Type | "any";

type ArgumentsOf<P extends readonly Parameter[]> = {
  readonly [I in keyof P]: P[I] extends Type ? ValueOf<P[I]> : Value;
};

/** What a call is given, if it is what it takes. */
export function argumentsOf<const P extends readonly Parameter[]>(
  context: Context,
  { name, arguments: given, span }: Call,
  parameters: P,
): ArgumentsOf<P> {
  if (given.length !== parameters.length) {
    const [expected, got] = [parameters.length, given.length];
    refuse({ kind: "bad-arity", name, expected, given: got, span });
  }
  const values = given.map((expression, index) => {
    const parameter = parameters[index] ?? "any";
    return parameter === "any"
      ? evaluate(context, expression)
      : evaluateAs(context, expression, parameter);
  });
  // As many as there are parameters, and each of its type.
  return values as unknown as ArgumentsOf<P>;
}

function variable({ variables }: Context, name: string, span: Span): Value {
  const value = variables.get(name);
  if (value !== undefined) return value;
  if (variables.has(name)) throw new Stop(null);
  return refuse({ kind: "unbound-variable", name, span });
}

function accountName(context: Context, segments: readonly Segment[], span: Span): string {
  const [first] = segments;
  if (typeof first === "string" && segments.length === 1) return first;
  requireFeature(context, "experimental-account-interpolation", span);
  let name = "";
  for (const segment of segments) {
    name += `${name && ":"}${segmentText(context, segment)}`;
    if (name.length > LONGEST_ACCOUNT) break;
  }
  return isAccount(name) ? name : refuseName(name, span);
}

function segmentText(context: Context, segment: Segment): string {
  if (typeof segment === "string") return segment;
  const { span } = segment;
  const value = variable(context, segment.variable, span);
  if (value.type === "number" && !fitsName(value.number)) refuse({ kind: "limit-exceeded", span });
  if (value.type === "account" || value.type === "string" || value.type === "number") {
    return valueText(value);
  }
  return refuse({ kind: "cannot-cast-to-string", found: value, span });
}

const refuseName = (text: string, span: Span): never =>
  refuse({
    kind: "invalid-account-name",
    text,
    reason: `accounts should respect pattern ${ACCOUNT_PATTERN}`,
    origin: { kind: "expression" },
    span,
  });
