import type { Outcome } from "../../numscript/run.js";
import { type Value, type ValueJson, valueJson, valueText } from "../../numscript/value.js";
import type { Json, JsonObject } from "./json.js";
import type { Metadata } from "./metadata.js";

/** Values by name as metadata stores them: each with its type. */
export const toMetadata = (values: ReadonlyMap<string, Value>): Metadata =>
  Object.fromEntries([...values].map(([key, value]) => [key, typed(valueJson(value))]));

/** Numbers in metadata are doubles: an integer that none of them holds for sure stays text, which meta() reads too. */
function typed(json: ValueJson): JsonObject {
  if (json.type === "number") return { type: json.type, value: integer(json.value) };
  if (json.type !== "monetary") return json;
  const { asset, amount } = json.value;
  return { type: json.type, value: { asset, amount: integer(amount) } };
}

const integer = (value: bigint): Json => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};

const MOST_PRINTED = 20;
const LONGEST_PRINTED = 1024;

/** What a script printed, as far as a log should hold it. */
export const printedTexts = (values: readonly Value[]): string[] =>
  values.slice(0, MOST_PRINTED).map((value) => {
    const text = valueText(value);
    return text.length <= LONGEST_PRINTED ? text : `${text.slice(0, LONGEST_PRINTED)}…`;
  });

const MOST_POSTINGS = 10_000;
const MOST_ACCOUNTS = 10_000;

/** As many as a request can hold: a short script may repeat a long text as often as it likes. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** What a script makes too much of; null if all of it can be written. */
export function excessOf(outcome: Outcome): string | null {
  const { postings, accountMetadata } = outcome;
  if (postings.length > MOST_POSTINGS) return `more than ${MOST_POSTINGS} postings`;
  if (accountMetadata.size > MOST_ACCOUNTS)
    return `metadata of more than ${MOST_ACCOUNTS} accounts`;
  let left = MOST_CHARACTERS;
  for (const size of sizesOf(outcome)) {
    left -= size;
    if (left < 0) return `more than ${MOST_CHARACTERS} characters`;
  }
  return null;
}

/** Sizes of the parts of `outcome`, one by one: it may be too large to be summed up in reasonable time. */
function* sizesOf({ postings, transactionMetadata, accountMetadata }: Outcome): Iterable<number> {
  for (const { amount } of postings) yield sizeOfInteger(amount);
  for (const values of [transactionMetadata, ...accountMetadata.values()]) {
    for (const [key, value] of values) yield key.length + sizeOf(value);
  }
}

const sizeOf = (value: Value): number => {
  if (value.type === "number") return sizeOfInteger(value.number);
  if (value.type === "monetary") return sizeOfInteger(value.amount);
  return valueText(value).length;
};

/** Hexadecimal text is made in no time, decimal text of large numbers is not. */
const sizeOfInteger = (value: bigint): number => value.toString(16).length;
