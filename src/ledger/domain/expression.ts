import { fail, ok, type Result } from "../../lib/result.js";
import type { Json } from "./json.js";
import type { Metadata } from "./metadata.js";

/** What a contract demands of a balance. */
export type Expression =
  /** None is true. */
  | { readonly kind: "$and"; readonly operands: readonly Expression[] }
  /** None is false. */
  | { readonly kind: "$or"; readonly operands: readonly Expression[] }
  | Equality
  | Comparison;

interface Equality {
  readonly kind: "$eq";
  readonly left: Operand;
  readonly right: Operand;
}

interface Comparison {
  readonly kind: "$gt" | "$gte" | "$lt" | "$lte";
  readonly left: Operand;
  readonly right: Operand;
}

export type Operand =
  | { readonly kind: "balance" }
  /** The value of a key of the account's metadata; null if it has no such key. */
  | { readonly kind: "meta"; readonly key: string }
  | { readonly kind: "constant"; readonly value: null | boolean | string | bigint };

/** What an expression is judged by. */
export interface Facts {
  readonly balance: bigint;
  readonly metadata: Metadata;
}

/** Whether `expression` holds; or why it is neither true nor false. */
export function holds(expression: Expression, facts: Facts): Result<boolean, string> {
  switch (expression.kind) {
    case "$and":
    case "$or": {
      const decisive = expression.kind === "$or";
      for (const operand of expression.operands) {
        const result = holds(operand, facts);
        if (!result.ok || result.value === decisive) return result;
      }
      return ok(!decisive);
    }
    case "$eq":
      return ok(isEqual(read(expression.left, facts), read(expression.right, facts)));
    default:
      return compare(expression, facts);
  }
}

function compare({ kind, left, right }: Comparison, facts: Facts): Result<boolean, string> {
  const [a, b] = [read(left, facts), read(right, facts)];
  if (typeof a !== "bigint" || typeof b !== "bigint") {
    return fail(
      `${kind} needs two integers, and ${typeof a === "bigint" ? show(b) : show(a)} is none`,
    );
  }
  switch (kind) {
    case "$gt":
      return ok(a > b);
    case "$gte":
      return ok(a >= b);
    case "$lt":
      return ok(a < b);
    case "$lte":
      return ok(a <= b);
  }
}

/** Integers are bigints here, wherever they come from, so that numbers are equal by value. */
type Value = Json | bigint;

function read(operand: Operand, { balance, metadata }: Facts): Value {
  switch (operand.kind) {
    case "balance":
      return balance;
    case "meta": {
      const value = Object.hasOwn(metadata, operand.key) ? metadata[operand.key] : null;
      return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : (value ?? null);
    }
    case "constant":
      return operand.value;
  }
}

/** Deep equality. Within lists and objects, which only metadata has, numbers are doubles on both sides. */
function isEqual(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

const show = (value: Value): string =>
  typeof value === "bigint" ? String(value) : JSON.stringify(value).slice(0, 100);

/** Whether it takes an account's metadata to judge `expression`. */
export const readsMetadata = (expression: Expression): boolean =>
  "operands" in expression
    ? expression.operands.some(readsMetadata)
    : expression.left.kind === "meta" || expression.right.kind === "meta";
