const DECIMAL = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * How many minor units the decimal number `text` is, exactly: "19.99" with 2 places is 1999. Null if it is no number,
 * or is finer than a minor unit.
 */
export function toMinorUnits(text: string, places: number): bigint | null {
  const [, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  if (sign === undefined) return null;
  const digits = BigInt(whole + fraction);
  const scale = places - fraction.length + Number(exponent);
  const factor = 10n ** BigInt(Math.abs(scale));
  if (scale < 0 && digits % factor !== 0n) return null;
  const units = scale < 0 ? digits / factor : digits * factor;
  return sign === "-" ? -units : units;
}

/** The decimal number that `units`, not negative, are, exactly: 1999 with 2 places is "19.99". */
export function toDecimal(units: bigint, places: number): string {
  const digits = String(units).padStart(places + 1, "0");
  const whole = digits.length - places;
  return places === 0 ? digits : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}
