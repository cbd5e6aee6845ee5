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

/** PostgreSQL cannot store the rest: U+0000, and half a surrogate pair. Nor is there an index for longer ones. */
const isReference = (text: string): boolean =>
  text !== "" && text.length <= 500 && !/[\0\p{Surrogate}]/u.test(text);

const isOneOf = (list: readonly string[], value: string): boolean => list.includes(value);

/** Of the years 1970 to 9999. */
const isDate = (micros: bigint): boolean => micros >= 0n && micros < 253_402_300_800_000_000n;

/** What keeps a payment from being stored; null if nothing does. Connectors' types promise most of it, files do not. */
export function paymentProblem(told: Told): string | null {
  const name = `payment ${JSON.stringify(told.reference)}`;
  if (!isReference(told.reference)) return `${name}: its reference cannot be stored`;
  if (!isOneOf(PAYMENT_TYPES, told.type)) return `${name}: unknown type ${quote(told.type)}`;
  if (!isOneOf(SCHEMES, told.scheme)) return `${name}: unknown scheme ${quote(told.scheme)}`;
  if (!ASSET.test(told.asset)) return `${name}: ${quote(told.asset)} is no asset`;
  if (told.amount < 0n) return `${name}: its amount is negative: ${told.amount}`;
  if (told.createdAt !== undefined && !isDate(told.createdAt))
    return `${name}: it has no good date`;
  return statusProblem(name, told);
}

export function adjustmentProblem({ payment, ...adjustment }: ToldAdjustment): string | null {
  const name = `adjustment ${JSON.stringify(adjustment.reference)} of ${JSON.stringify(payment.reference)}`;
  if (![adjustment.reference, payment.reference].every(isReference))
    return `${name}: its reference cannot be stored`;
  if (!isOneOf(PAYMENT_TYPES, payment.type)) return `${name}: unknown type ${quote(payment.type)}`;
  if (!isDate(adjustment.date)) return `${name}: it has no good date`;
  if (adjustment.absolute && adjustment.amount < 0n)
    return `${name}: its amount is negative: ${adjustment.amount}`;
  return statusProblem(name, adjustment);
}

export function accountProblem({ reference, type }: ToldAccount): string | null {
  const name = `account ${JSON.stringify(reference)}`;
  if (!isReference(reference)) return `${name}: its reference cannot be stored`;
  return isOneOf(ACCOUNT_TYPES, type) ? null : `${name}: unknown type ${quote(type)}`;
}

const statusProblem = (
  name: string,
  { status, raw }: Pick<Adjustment, "status" | "raw">,
): string | null => {
  if (!isOneOf(PAYMENT_STATUSES, status)) return `${name}: unknown status ${quote(status)}`;
  return raw !== null && /[\0\p{Surrogate}]/u.test(raw) ? `${name}: it cannot be stored` : null;
};

/** A value that a provider chose, short enough for a message. */
const quote = (value: string): string => JSON.stringify(String(value).slice(0, 50));
