/** `number`, or zero if that is more. */
export const positive = (number: bigint): bigint => (number > 0n ? number : 0n);

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
