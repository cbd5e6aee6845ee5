import { fail, ok, type Result } from "../../lib/result.js";
import { assetOf, decimalPlaces } from "../domain/currencies.js";
import { toMinorUnits } from "../domain/decimal.js";
import type { Told } from "../domain/payment.js";
import { show } from "./json.js";

type Money = Pick<Told, "asset" | "amount">;

/** `amount` in the currency's own unit, e.g. "19.99". */
export const toMoney = (currency: string, amount: string): Result<Money, string> =>
  read(currency, amount, decimalPlaces(currency));

/** `amount` in the currency's minor unit, e.g. "1999". */
export const toMoneyOfUnits = (currency: string, amount: string): Result<Money, string> =>
  read(currency, amount, 0);

function read(currency: string, text: string, places: number | null): Result<Money, string> {
  const asset = assetOf(currency);
  if (asset === null || places === null) return fail(`unknown currency ${show(currency)}`);
  const amount = toMinorUnits(text, places);
  return amount === null
    ? fail(`failed to parse amount: ${show(text)} is none of ${asset}`)
    : ok({ asset, amount });
}
