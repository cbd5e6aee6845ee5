import { ScalarType } from "@bufbuild/protobuf";

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
const UINT32 = { min: 0n, max: 2n ** 32n - 1n };
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const UINT64 = { min: 0n, max: 2n ** 64n - 1n };

const RANGES: ReadonlyMap<ScalarType, Range> = new Map([
  [ScalarType.INT32, INT32],
  [ScalarType.SINT32, INT32],
  [ScalarType.SFIXED32, INT32],
  [ScalarType.UINT32, UINT32],
  [ScalarType.FIXED32, UINT32],
  [ScalarType.INT64, INT64],
  [ScalarType.SINT64, INT64],
  [ScalarType.SFIXED64, INT64],
  [ScalarType.UINT64, UINT64],
  [ScalarType.FIXED64, UINT64],
]);

/** What an integer type can hold; undefined for other types. */
export const integerRange = (scalar: ScalarType): Range | undefined => RANGES.get(scalar);

const DIGITS = /^-?\d+$/;
/** Digits and sign of the longest 64-bit integer. Longer text is not worth a conversion. */
const MAX_LENGTH = 20;

/** The integer that `text` writes, as protobuf holds it: a bigint for 64 bits, else a number. Null if out of range. */
export function readInteger(text: string, { min, max }: Range): bigint | number | null {
  if (text.length > MAX_LENGTH || !DIGITS.test(text)) return null;
  const value = BigInt(text);
  if (value < min || value > max) return null;
  return max > UINT32.max ? value : Number(value);
}
