import { YEAR_10000 } from "../../lib/time.js";
import {
  ACCOUNT_TYPES,
  type Adjustment,
  PAYMENT_STATUSES,
  PAYMENT_TYPES,
  SCHEMES,
  type Told,
  type ToldAccount,
  type ToldAdjustment,
} from "./payment.js";

const ASSET = /^[A-Z][A-Z0-9]{0,16}(\/\d{1,6})?$/;

/** As JSON. Ids are made of it, and together with them it must fit into an entry of an index: 2704 bytes. */
const LONGEST_REFERENCE = 1000;

const LONGEST_DESCRIPTOR = 2000;

/** PostgreSQL cannot store U+0000, nor half a surrogate pair. */
const isStorable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);

const isReference = (text: string): boolean =>
  text !== "" &&
  text.length <= LONGEST_REFERENCE &&
  isStorable(text) &&
  Buffer.byteLength(JSON.stringify(text)) <= LONGEST_REFERENCE;

/** Of as many digits as lists can be sorted by. */
const isAmount = (amount: bigint): boolean => amount < 10n ** 999n && amount > -(10n ** 999n);

const isOneOf = (list: readonly string[], value: string): boolean => list.includes(value);

/** Of the years 1970 to 9999. */
const isDate = (micros: bigint): boolean => micros >= 0n && micros < YEAR_10000;

/** What keeps a payment from being stored; null if nothing does. Connectors' types promise most of it, files do not. */
export function paymentProblem(told: Told): string | null {
  const name = `payment ${quote(told.reference)}`;
  if (!isReference(told.reference)) return `${name}: its reference cannot be stored`;
  if (!isOneOf(PAYMENT_TYPES, told.type)) return `${name}: unknown type ${quote(told.type)}`;
  if (!isOneOf(SCHEMES, told.scheme)) return `${name}: unknown scheme ${quote(told.scheme)}`;
  if (!ASSET.test(told.asset)) return `${name}: ${quote(told.asset)} is no asset`;
  if (told.amount < 0n) return `${name}: its amount is negative: ${told.amount}`;
  if (!isAmount(told.amount)) return `${name}: its amount is too large`;
  if (![told.account, told.source, told.destination].every((it) => isStorable(it ?? "")))
    return `${name}: it cannot be stored`;
  if (told.createdAt !== undefined && !isDate(told.createdAt))
    return `${name}: it has no good date`;
  return statusProblem(name, told);
}

export function adjustmentProblem({ payment, ...adjustment }: ToldAdjustment): string | null {
  const name = `adjustment ${quote(adjustment.reference)} of ${quote(payment.reference)}`;
  if (![adjustment.reference, payment.reference].every(isReference))
    return `${name}: its reference cannot be stored`;
  if (!isOneOf(PAYMENT_TYPES, payment.type)) return `${name}: unknown type ${quote(payment.type)}`;
  if (!isAmount(adjustment.amount)) return `${name}: its amount is too large`;
  if (!isDate(adjustment.date)) return `${name}: it has no good date`;
  if (adjustment.absolute && adjustment.amount < 0n)
    return `${name}: its amount is negative: ${adjustment.amount}`;
  return statusProblem(name, adjustment);
}

export function accountProblem({ reference, type }: ToldAccount): string | null {
  const name = `account ${quote(reference)}`;
  if (!isReference(reference)) return `${name}: its reference cannot be stored`;
  return isOneOf(ACCOUNT_TYPES, type) ? null : `${name}: unknown type ${quote(type)}`;
}

/** `descriptor` is JSON text. It is the larger part of an entry of an index. */
export const taskProblem = (descriptor: string): string | null =>
  Buffer.byteLength(descriptor) <= LONGEST_DESCRIPTOR
    ? null
    : `task ${quote(descriptor)}: it cannot be stored`;

const statusProblem = (
  name: string,
  { status, raw }: Pick<Adjustment, "status" | "raw">,
): string | null => {
  if (!isOneOf(PAYMENT_STATUSES, status)) return `${name}: unknown status ${quote(status)}`;
  return raw !== null && !isStorable(raw) ? `${name}: it cannot be stored` : null;
};

/** A value that a provider chose, short enough for a message. */
const quote = (value: string): string => JSON.stringify(String(value).slice(0, 100));
