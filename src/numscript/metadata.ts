import { fail, type Result } from "../lib/result.js";
import { parseValue } from "./parseValue.js";
import type { ValueFault } from "./refusal.js";
import type { Type, Value } from "./value.js";

/**
 * The value of `type` that metadata holds as `stored`: its text, its JSON form, or the JSON form with its type around it, as
 * scripts write it.
 */
export function readStored(stored: unknown, type: Type): Result<Value, ValueFault> {
  const typed = asObject(stored);
  if (typed === null || !("type" in typed && "value" in typed)) return read(stored, type);
  if (typed["type"] === type) return read(typed["value"], type);
  return fail({ kind: "invalid-metadata", reason: `not of type ${type}` });
}

function read(json: unknown, type: Type): Result<Value, ValueFault> {
  const text = typeof json === "string" ? json : textOf(json, type);
  if (text === null) return fail({ kind: "invalid-metadata", reason: `no ${type}` });
  return parseValue(type, text);
}

function textOf(json: unknown, type: Type): string | null {
  if (type === "number") return integerText(json);
  if (type === "monetary") return monetaryText(asObject(json));
  if (type === "portion") return portionText(asObject(json));
  return null;
}

/** Metadata holds numbers as doubles: beyond 2^53 nobody can tell which integer was meant. */
const integerText = (json: unknown): string | null =>
  Number.isSafeInteger(json) ? String(json) : null;

function monetaryText(json: JsonObject | null): string | null {
  const asset = json?.["asset"];
  const amount = json?.["amount"];
  const digits = typeof amount === "string" ? amount : integerText(amount);
  return typeof asset === "string" && digits !== null ? `${asset} ${digits}` : null;
}

/** `{"remaining": false, "specific": "3/20"}`; a whole portion has no denominator. */
function portionText(json: JsonObject | null): string | null {
  const specific = json?.["specific"];
  if (typeof specific !== "string" || json?.["remaining"] === true) return null;
  return specific === "0" || specific === "1" ? `${specific}/1` : specific;
}

interface JsonObject {
  readonly [key: string]: unknown;
}

const asObject = (json: unknown): JsonObject | null =>
  typeof json === "object" && json !== null ? (json as JsonObject) : null;
