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
  const [asset, places] = [assetOf(currency), decimalPlaces(currency)];
  if (asset === null || places === null)
    return fail(`unknown currency ${JSON.stringify(currency.slice(0, 20))}`);
  if (!/^-?\d{1,30}$/.test(amount)) return fail("its amount is no integer");
  const extra = (PLACES[currency.toUpperCase()] ?? places) - places;
  const factor = 10n ** BigInt(Math.abs(extra));
  const units = BigInt(amount);
  if (extra <= 0) return ok({ amount: units * factor, asset });
  return units % factor === 0n
    ? ok({ amount: units / factor, asset })
    : fail(`its amount is finer than ${asset}`);
}
