import { type Fraction, fractionText } from "./fraction.js";

/** What an expression, a variable or a piece of metadata may be. */
export type Value =
  | { readonly type: "account"; readonly account: string }
  | { readonly type: "asset"; readonly asset: string }
  | { readonly type: "number"; readonly number: bigint }
  | Monetary
  | { readonly type: "portion"; readonly portion: Fraction }
  | { readonly type: "string"; readonly string: string };

/** An amount of money; below zero it is owed. */
export interface Monetary {
  readonly type: "monetary";
  readonly asset: string;
  readonly amount: bigint;
}

export type Type = Value["type"];

export type ValueOf<T extends Type> = Extract<Value, { readonly type: T }>;

/** `value` as variables and plain metadata write it: "users:1", "USD/2 100", "3/20". */
export function valueText(value: Value): string {
  switch (value.type) {
    case "account":
      return value.account;
    case "asset":
      return value.asset;
    case "number":
      return String(value.number);
    case "monetary":
      return `${value.asset} ${value.amount}`;
    case "portion":
      return fractionText(value.portion);
    case "string":
      return value.string;
  }
}

/** A value as typed metadata holds it. Integers are exact: whoever writes JSON decides how large ones are kept. */
export type ValueJson =
  | { readonly type: "account" | "asset" | "string"; readonly value: string }
  | { readonly type: "number"; readonly value: bigint }
  | {
      readonly type: "monetary";
      readonly value: { readonly asset: string; readonly amount: bigint };
    }
  | {
      readonly type: "portion";
      readonly value: { readonly remaining: false; readonly specific: string };
    };

export function valueJson(value: Value): ValueJson {
  switch (value.type) {
    case "number":
      return { type: "number", value: value.number };
    case "monetary":
      return { type: "monetary", value: { asset: value.asset, amount: value.amount } };
    case "portion":
      return { type: "portion", value: { remaining: false, specific: specific(value.portion) } };
    default:
      return { type: value.type, value: valueText(value) };
  }
}

/** Typed metadata writes a whole portion without its denominator. */
const specific = (portion: Fraction): string =>
  portion.denominator === 1n ? String(portion.numerator) : fractionText(portion);
