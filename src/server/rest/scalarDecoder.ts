import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import type { Json } from "../../lib/parseJson.js";
import { printJson } from "../../lib/printJson.js";
import { DecodeError } from "./decodeError.js";
import { integerRange, readInteger } from "./integers.js";
import { enumTexts } from "./rules.js";

/** Reads JSON as a value of the type it was compiled for, or throws a DecodeError. */
export type Decode = (json: Json) => unknown;

export function scalarDecoder(scalar: ScalarType): Decode {
  const range = integerRange(scalar);
  if (range !== undefined) {
    return (json) => {
      const value = readInteger(integerToken(json), range);
      if (value !== null) return value;
      throw new DecodeError(`must be an integer from ${range.min} to ${range.max}`);
    };
  }
  if (scalar === ScalarType.STRING) return decodeString;
  if (scalar === ScalarType.BOOL) return decodeBoolean;
  return scalar === ScalarType.BYTES ? decodeBytes : decodeDouble;
}

/** A bare integer of any size, as decimal text. "1", 1.0 and 1e3 are no integers. */
export function decodeIntegerText(json: Json): string {
  const token = integerToken(json);
  return token === "-0" ? "0" : token;
}

function integerToken(json: Json): string {
  const token = numberToken(json);
  if (token === null || /[.eE]/.test(token)) throw new DecodeError("must be an integer");
  return token;
}

function numberToken(json: Json): string | null {
  return json !== null && typeof json === "object" && "token" in json ? json.token : null;
}

function decodeString(json: Json): string {
  if (typeof json !== "string") throw new DecodeError("must be a string");
  return json;
}

function decodeBoolean(json: Json): boolean {
  if (typeof json !== "boolean") throw new DecodeError("must be true or false");
  return json;
}

function decodeDouble(json: Json): number {
  const value = Number(numberToken(json) ?? Number.NaN);
  if (!Number.isFinite(value)) throw new DecodeError("must be a number");
  return value;
}

function decodeBytes(json: Json): Uint8Array {
  try {
    return base64Decode(decodeString(json));
  } catch {
    throw new DecodeError("must be base64");
  }
}

export function enumDecoder(desc: DescEnum): Decode {
  const { byNumber, toNumber } = enumTexts(desc);
  const rule = `must be one of '${[...byNumber.values()].join(", ")}'`;
  return (json) => {
    const value = typeof json === "string" ? toNumber.get(json) : undefined;
    if (value === undefined) throw new DecodeError(rule);
    return value;
  };
}

/** Escapes of U+0000 and of lone surrogates: PostgreSQL cannot store what they stand for. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Any JSON, as text. */
export function decodeRawJson(json: Json): string {
  const text = printJson(json);
  if (UNSTORABLE.test(text)) throw new DecodeError("holds U+0000 or a lone surrogate");
  return text;
}

/** A Numscript variable in its text form. REST also takes integers and {"asset": "USD/2", "amount": 100}. */
export function decodeScriptVariable(json: Json): string {
  if (typeof json === "string") return json;
  if (json instanceof Map) {
    const asset = json.get("asset");
    const amount = json.get("amount") ?? null;
    if (typeof asset === "string") {
      return `${asset} ${typeof amount === "string" ? amount : decodeIntegerText(amount)}`;
    }
  } else if (numberToken(json) !== null) {
    return decodeIntegerText(json);
  }
  throw new DecodeError('must be a string, an integer or {"asset": string, "amount": integer}');
}
