import { fail, ok, type Result } from "../lib/result.js";
import { fraction } from "./fraction.js";
import { fitsPortion, MOST_DIGITS } from "./limits.js";
import { ACCOUNT_PATTERN, ASSET_PATTERN, isAccount, isAsset } from "./names.js";
import type { ValueFault } from "./refusal.js";
import type { Type, Value } from "./value.js";

const TYPES: readonly string[] = [
  "account",
  "asset",
  "number",
  "monetary",
  "portion",
  "string",
] satisfies Type[];

export const isType = (name: string): name is Type => TYPES.includes(name);

/** The value of `type` that `text` writes, or what is wrong with it. */
export function parseValue(type: Type, text: string): Result<Value, ValueFault> {
  switch (type) {
    case "account":
      return parseAccount(text);
    case "asset":
      return parseAsset(text);
    case "number":
      return parseNumber(text);
    case "monetary":
      return parseMonetary(text);
    case "portion":
      return parsePortion(text);
    case "string":
      return ok({ type, string: text });
  }
}

/** The empty name is let through, as ever: it is refused where it is used. */
function parseAccount(text: string): Result<Value, ValueFault> {
  if (text === "" || isAccount(text)) return ok({ type: "account", account: text });
  return fault("invalid-account-name", `accounts should respect pattern ${ACCOUNT_PATTERN}`);
}

function parseAsset(text: string): Result<Value, ValueFault> {
  if (isAsset(text)) return ok({ type: "asset", asset: text });
  return fault("invalid-asset", `assets should respect pattern ${ASSET_PATTERN}`);
}

const INTEGER = /^[+-]?\d+$/;

const isInteger = (text: string): boolean => text.length <= MOST_DIGITS && INTEGER.test(text);

function parseNumber(text: string): Result<Value, ValueFault> {
  if (isInteger(text)) return ok({ type: "number", number: BigInt(text) });
  return fault("invalid-number-literal", `a number is an integer of at most ${MOST_DIGITS} digits`);
}

function parseMonetary(text: string): Result<Value, ValueFault> {
  const [asset = "", amount = "", ...rest] = text.split(" ", 3);
  if (isAsset(asset) && isInteger(amount) && rest.length === 0) {
    return ok({ type: "monetary", asset, amount: BigInt(amount) });
  }
  return fault("invalid-monetary-literal", 'an amount of money is written like "USD/2 100"');
}

const PERCENTAGE = /^(\d+)(?:\.(\d+))?%$/;
const RATIO = /^(\d+) ?\/ ?(\d+)$/;

function parsePortion(text: string): Result<Value, ValueFault> {
  if (text.length > MOST_DIGITS) return badPortion("too many digits");
  const [, whole, decimals = ""] = PERCENTAGE.exec(text) ?? [];
  if (whole !== undefined) {
    return portion(BigInt(whole + decimals), 10n ** BigInt(decimals.length + 2));
  }
  const [, numerator, denominator] = RATIO.exec(text) ?? [];
  if (numerator === undefined || denominator === undefined) {
    return badPortion("invalid format");
  }
  return portion(BigInt(numerator), BigInt(denominator));
}

function portion(numerator: bigint, denominator: bigint): Result<Value, ValueFault> {
  if (denominator === 0n) return badPortion("invalid fractional format");
  if (!fitsPortion(numerator) || !fitsPortion(denominator)) return badPortion("too many digits");
  if (numerator > denominator) return badPortion("not between 0% and 100%");
  return ok({ type: "portion", portion: fraction(numerator, denominator) });
}

const badPortion = (reason: string) => fault("bad-portion-parsing", reason);

const fault = (kind: ValueFault["kind"], reason: string) => fail({ kind, reason });
