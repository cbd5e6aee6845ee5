/** An exact part of a whole, in lowest terms; the denominator is above zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** `numerator / denominator`; the denominator is not zero. */
export function fraction(numerator: bigint, denominator: bigint): Fraction {
  const divisor = greatestCommonDivisor(numerator, denominator);
  const sign = denominator < 0n ? -divisor : divisor;
  return { numerator: numerator / sign, denominator: denominator / sign };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** How many whole units `part` of `amount` is; neither is negative. */
export const floorOf = (part: Fraction, amount: bigint): bigint =>
  (amount * part.numerator) / part.denominator;

export const fractionText = ({ numerator, denominator }: Fraction): string =>
  `${numerator}/${denominator}`;
