import { fail, ok, type Result } from "../../lib/result.js";
import { assetOf, decimalPlaces } from "../domain/currencies.js";
import { toMinorUnits } from "../domain/decimal.js";

interface Money {
  readonly asset: string;
  /** Minor units. */
  readonly amount: bigint;
}

/** The decimal number `text` of a currency, exactly; else what is wrong with it. */
export function moneyOf(text: string, currency: string): Result<Money, string> {
  const [asset, places] = [assetOf(currency), decimalPlaces(currency)];
  if (asset === null || places === null) return fail(`unknown currency ${quote(currency)}`);
  const amount = toMinorUnits(text, places);
  if (amount === null) return fail(`failed to parse amount: ${quote(text)} is none of ${asset}`);
  return ok({ asset, amount });
}

/** A value that a provider chose, short enough for a message. */
const quote = (value: string): string => JSON.stringify(value.slice(0, 50));
