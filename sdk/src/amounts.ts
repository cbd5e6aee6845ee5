/** What an asset is called, and how many decimal places its amounts have. */
export interface Asset {
  /** E.g. "USD" of "USD/2". */
  readonly name: string;
  /** E.g. 2 of "USD/2"; 0 if the asset does not say. */
  readonly decimals: number;
}

/** An amount of an asset, in minor units: `{ asset: "USD/2", amount: 1999n }` is 19.99 USD. */
export interface Monetary {
  readonly asset: string;
  readonly amount: bigint;
}

const ASSET = /^([A-Z][A-Z0-9]{0,16}(?:_[A-Z]{1,16})?)(?:\/(\d{1,6}))?$/;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const INTEGER = /^-?\d+$/;
const MONETARY = /^(\S+) +(\S+)$/;

/**
 * Takes an asset apart: `parseAsset("USD/2")` is `{ name: "USD", decimals: 2 }`.
 *
 * @throws RangeError if `asset` is not one that Florin takes.
 */
export function parseAsset(asset: string): Asset {
  const [match, name = "", decimals = "0"] = ASSET.exec(asset) ?? [];
  if (match === undefined) throw new RangeError(`not an asset: ${JSON.stringify(asset)}`);
  return { name, decimals: Number(decimals) };
}

/**
 * Minor units of an amount that is written as people write it: `parseAmount("19.99", "USD/2")` is `1999n`. Exact:
 * nothing is rounded. Digits, one ".", and a "-" in front; no separators of thousands, no exponents.
 *
 * @throws RangeError if `text` is not such a number, if it has more decimal places than `asset` (zeros at its end do
 * not count), or if `asset` is none.
 */
export function parseAmount(text: string, asset: string): bigint {
  const { decimals } = parseAsset(asset);
  const [match, sign = "", whole = "", digits = ""] = DECIMAL.exec(text) ?? [];
  if (match === undefined) throw new RangeError(`not a decimal number: ${JSON.stringify(text)}`);
  const fraction = digits.replace(/0+$/, "");
  if (fraction.length > decimals) {
    throw new RangeError(`${text} has more decimal places than ${asset}`);
  }
  return BigInt(`${whole}${fraction.padEnd(decimals, "0")}`) * (sign === "-" ? -1n : 1n);
}

/**
 * An amount as people write it, with all decimal places of its asset: `formatAmount(1999n, "USD/2")` is `"19.99"`.
 * Takes the text that Florin answers, too: `formatAmount(data.balances["USD/2"], "USD/2")`.
 *
 * @param amount Minor units.
 * @throws RangeError if `amount` is text that is no integer, or `asset` is none.
 */
export function formatAmount(amount: bigint | string, asset: string): string {
  const { decimals } = parseAsset(asset);
  const units = toUnits(amount);
  const sign = units < 0n ? "-" : "";
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return sign + digits.slice(0, point) + (decimals === 0 ? "" : `.${digits.slice(point)}`);
}

/**
 * Reads an amount with its asset, as Numscript and its variables write it: `parseMonetary("USD/2 1999")` is
 * `{ asset: "USD/2", amount: 1999n }`.
 *
 * @throws RangeError if `text` is no such pair.
 */
export function parseMonetary(text: string): Monetary {
  const [match, asset = "", amount = ""] = MONETARY.exec(text) ?? [];
  if (match === undefined) throw new RangeError(`not a monetary: ${JSON.stringify(text)}`);
  parseAsset(asset);
  return { asset, amount: toUnits(amount) };
}

/**
 * Writes an amount with its asset, as variables of Numscript take it: `"USD/2 1999"`.
 *
 * @throws RangeError if the asset is none.
 */
export function formatMonetary({ asset, amount }: Monetary): string {
  parseAsset(asset);
  return `${asset} ${amount}`;
}

function toUnits(amount: bigint | string): bigint {
  if (typeof amount === "bigint") return amount;
  if (!INTEGER.test(amount)) throw new RangeError(`not an integer: ${JSON.stringify(amount)}`);
  return BigInt(amount);
}
