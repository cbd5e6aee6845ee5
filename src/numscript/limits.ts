import type { Span } from "./ast.js";
import { LONGEST_ACCOUNT } from "./names.js";
import { refuse } from "./refusal.js";

/** The ledger's own limit for amounts. */
export const MOST_DIGITS = 100_000;

const TOO_LARGE = 10n ** BigInt(MOST_DIGITS);

/** Portions are reduced to lowest terms, which takes time quadratic in their digits. */
const PORTION_TOO_LARGE = 10n ** 1000n;

const NAME_TOO_LARGE = 10n ** BigInt(LONGEST_ACCOUNT);

/** Numbers below this cost nothing worth counting. */
const COMMON = 1n << 256n;

/** Of all uncommonly large numbers that one run makes. They bound its time and its memory. */
const MOST_HEX_DIGITS_IN_ALL = 10_000_000;

/** What a run has spent on large numbers so far. */
export interface Effort {
  hexDigits: number;
}

/** `number`, if the run may go on with it. */
export function charge(effort: Effort, number: bigint, span: Span): bigint {
  if (isWithin(number, COMMON)) return number;
  if (!isWithin(number, TOO_LARGE)) return refuse({ kind: "limit-exceeded", span });
  effort.hexDigits += number.toString(16).length;
  if (effort.hexDigits > MOST_HEX_DIGITS_IN_ALL) return refuse({ kind: "limit-exceeded", span });
  return number;
}

/** `number` as a part of a portion, if it is not too large for one. */
export function chargePortion(effort: Effort, number: bigint, span: Span): bigint {
  if (!fitsPortion(number)) return refuse({ kind: "limit-exceeded", span });
  return charge(effort, number, span);
}

/** Writing a number takes more than linear time, and no name holds so large a one. */
export const fitsName = (number: bigint): boolean => isWithin(number, NAME_TOO_LARGE);

export const fitsPortion = (number: bigint): boolean => isWithin(number, PORTION_TOO_LARGE);

const isWithin = (number: bigint, limit: bigint): boolean => number < limit && number > -limit;
