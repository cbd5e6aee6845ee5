import { type Json, JsonSyntaxError, parseJson } from "../../lib/parseJson.js";
import { printJson } from "../../lib/printJson.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { Expression, Operand } from "./expression.js";

/** An expression, and its text without white space. */
export interface ParsedExpression {
  readonly rule: Expression;
  readonly text: string;
}

/** What is wrong with an expression, and where: `$and[1].$gte`. */
export interface ExpressionFault {
  readonly place: string;
  readonly problem: string;
}

/** Reads an expression from JSON: `{"$gte": ["$balance", -1000]}`. */
export function parseExpression(text: string): Result<ParsedExpression, ExpressionFault> {
  try {
    const json = parseJson(text);
    return ok({ rule: readExpression(json, ""), text: printJson(json) });
  } catch (error) {
    if (error instanceof Invalid) return fail({ place: error.place, problem: error.message });
    if (error instanceof JsonSyntaxError) {
      return fail({ place: "", problem: `is no JSON: ${error.message}` });
    }
    throw error;
  }
}

class Invalid extends Error {
  readonly place: string;

  constructor(place: string, problem: string) {
    super(problem);
    this.place = place;
  }
}

function readExpression(json: Json, place: string): Expression {
  const [operator, argument] = onlyMember(json, place);
  const inside = place === "" ? cut(operator) : `${place}.${cut(operator)}`;
  const operands = () => {
    if (Array.isArray(argument)) return argument;
    throw new Invalid(inside, "must have a list");
  };
  switch (operator) {
    case "$and":
    case "$or":
      return {
        kind: operator,
        operands: operands().map((each, index) => readExpression(each, `${inside}[${index}]`)),
      };
    case "$eq":
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte": {
      const [left, right, ...others] = operands();
      if (left === undefined || right === undefined || others.length > 0) {
        throw new Invalid(inside, "must have two values");
      }
      return {
        kind: operator,
        left: readOperand(left, `${inside}[0]`),
        right: readOperand(right, `${inside}[1]`),
      };
    }
    default:
      throw new Invalid(inside, "is no operator: $and, $or, $eq, $gt, $gte, $lt and $lte are");
  }
}

function readOperand(json: Json, place: string): Operand {
  if (json instanceof Map) {
    const [operator, key] = onlyMember(json, place);
    if (operator !== "$meta")
      throw new Invalid(`${place}.${cut(operator)}`, "is no value: $meta is");
    if (typeof key !== "string") throw new Invalid(`${place}.$meta`, "must be a string");
    return { kind: "meta", key };
  }
  if (json === "$balance") return { kind: "balance" };
  // A variable that does not exist is null.
  if (typeof json === "string" && json.startsWith("$")) return { kind: "constant", value: null };
  if (json === null || typeof json !== "object") return { kind: "constant", value: json };
  if ("token" in json) return { kind: "constant", value: readInteger(json.token, place) };
  throw new Invalid(place, "must not be a list");
}

/** What a caller made up may be long. */
const cut = (key: string): string => key.slice(0, 50);

function onlyMember(json: Json, place: string): readonly [string, Json] {
  const [member, ...others] = json instanceof Map ? json : [];
  if (member === undefined || others.length > 0) {
    throw new Invalid(place, "must be an object with one key");
  }
  return member;
}

/** Digits are exact; 1.0 and 1e3 are integers too, as far as a double has them exactly. */
function readInteger(token: string, place: string): bigint {
  if (!/[.eE]/.test(token)) return BigInt(token);
  const value = Number(token);
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new Invalid(place, "must be an integer");
}
