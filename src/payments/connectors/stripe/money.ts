import { fail, ok, type Result } from "../../../lib/result.js";
import { assetOf, decimalPlaces } from "../../domain/currencies.js";

/** Decimal places of what Stripe counts in, where ISO 4217 has others (docs.stripe.com/currencies, "Special cases"). */
const PLACES: Readonly<Record<string, number>> = { ISK: 2, MGA: 0, UGX: 2 };

/** Minor units as ISO 4217 has them, and what they are units of. */
export interface Money {
  /** Below nothing where it is taken away. */
  readonly amount: bigint;
  readonly asset: string;
}

/** What Stripe's `amount` of a currency is; else what is wrong with it. */
export function toMoney(amount: string, currency: string): Result<Money, string> {
  const [asset, extra] = [assetOf(currency), extraPlaces(currency)];
  if (asset === null || extra === null) return fail(unknown(currency));
  if (!/^-?\d{1,30}$/.test(amount)) return fail("its amount is no integer");
  const units = shift(BigInt(amount), -extra);
  return units === null ? fail(`its amount is finer than ${asset}`) : ok({ amount: units, asset });
}

/** What Stripe calls `amount` minor units of a currency; else what is wrong with it. */
export function toStripeUnits(amount: bigint, currency: string): Result<bigint, string> {
  const extra = extraPlaces(currency);
  if (extra === null) return fail(unknown(currency));
  const units = shift(amount, extra);
  return units === null
    ? fail(`amount is finer than what Stripe counts ${currency} in`)
    : ok(units);
}

/** How many decimal places Stripe has beyond those of ISO 4217; null if that does not know the currency. */
function extraPlaces(currency: string): number | null {
  const places = decimalPlaces(currency);
  return places === null ? null : (PLACES[currency.toUpperCase()] ?? places) - places;
}

/** `amount` with as many more decimal places, or fewer; null if some of it would be lost. */
function shift(amount: bigint, places: number): bigint | null {
  const factor = 10n ** BigInt(Math.abs(places));
  if (places >= 0) return amount * factor;
  return amount % factor === 0n ? amount / factor : null;
}

const unknown = (currency: string): string =>
  `unknown currency ${JSON.stringify(currency.slice(0, 20))}`;
