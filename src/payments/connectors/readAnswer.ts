import type { Json } from "../../lib/parseJson.js";
import { fail, ok, type Result } from "../../lib/result.js";
import { assetOf, decimalPlaces } from "../domain/currencies.js";
import { toMinorUnits } from "../domain/decimal.js";
import type { Told } from "../domain/payment.js";
import { ProviderError } from "./connector.js";

/** What `json` holds where `path` leads; undefined if it leads nowhere. */
function at(json: Json | undefined, path: readonly string[]): Json | undefined {
  let found = json;
  for (const key of path) found = found instanceof Map ? found.get(key) : undefined;
  return found;
}

/** A text, or a number as it was written, where `path` leads; "" if there is neither. */
export function textAt(json: Json | undefined, ...path: readonly string[]): string {
  const found = at(json, path);
  if (typeof found === "string") return found;
  return typeof found === "object" && found !== null && "token" in found ? found.token : "";
}

/** The list where `path` leads. An answer without one is not the answer that was asked for. */
export function listAt(json: Json, ...path: readonly string[]): readonly Json[] {
  const found = at(json, path);
  if (Array.isArray(found)) return found;
  throw new ProviderError(`answered JSON without the list ${path.join(".")}`.trimEnd());
}

type Money = Pick<Told, "asset" | "amount">;

/** `amount` in the currency's own unit, e.g. "19.99". */
export function toMoney(currency: string, amount: string): Result<Money, string> {
  const [asset, places] = [assetOf(currency), decimalPlaces(currency)];
  if (asset === null || places === null) return fail(`its currency ${show(currency)} is unknown`);
  const units = toMinorUnits(amount, places);
  return units === null
    ? fail(`its amount ${show(amount)} is no amount of ${currency}`)
    : ok({ asset, amount: units });
}

/** `amount` in the currency's minor unit, e.g. "1999". */
export function toMoneyOfUnits(currency: string, amount: string): Result<Money, string> {
  const asset = assetOf(currency);
  if (asset === null) return fail(`its currency ${show(currency)} is unknown`);
  const units = toMinorUnits(amount, 0);
  return units === null
    ? fail(`its amount ${show(amount)} is no integer`)
    : ok({ asset, amount: units });
}

/** What a provider has said, short enough for a message. */
export const show = (text: string): string => JSON.stringify(text.slice(0, 50));

/** Items as payments, null for those that are none; those that mean nothing to us are problems that name them. */
export function readPayments(
  items: readonly Json[],
  idOf: (item: Json) => string,
  toPayment: (item: Json) => Result<Told | null, string>,
): { readonly payments: readonly Told[]; readonly problems: readonly string[] } {
  const payments: Told[] = [];
  const problems: string[] = [];
  for (const [index, item] of items.entries()) {
    const payment = toPayment(item);
    const name = show(idOf(item) || `number ${index + 1} of a page`);
    if (!payment.ok) problems.push(`payment ${name}: ${payment.failure}`);
    else if (payment.value !== null) payments.push(payment.value);
  }
  return { payments, problems };
}
