import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { integerRange, readInteger } from "./integers.js";
import { enumTexts, fieldRule } from "./rules.js";
import { parseDuration, parseTimestamp } from "./wellKnown.js";

/** Reads a field, or an item of its list, from the text of a parameter or a header. */
export interface TextReader {
  /** Null if the text cannot be read. */
  readonly read: (text: string) => unknown;
  /** What a caller is told then. */
  readonly complaint: (name: string) => string;
}

/** `place` says where the text stands: "query param". */
export function textReader(field: DescField, place: string): TextReader {
  const { invalid } = fieldRule(field);
  const { read, complaint = (name: string) => `invalid '${name}' ${place}` } = typeReader(field);
  return { read, complaint: invalid === "" ? complaint : () => invalid };
}

function typeReader(field: DescField): Pick<TextReader, "read"> & Partial<TextReader> {
  if (field.enum !== undefined) {
    const { byNumber, toNumber } = enumTexts(field.enum);
    const texts = [...byNumber.values()].join(", ");
    return {
      read: (text) => toNumber.get(text) ?? null,
      complaint: (name) => `invalid parameter '${name}', should be one of '${texts}'`,
    };
  }
  if (field.message !== undefined) {
    if (field.message.typeName === "google.protobuf.Timestamp") return { read: parseTimestamp };
    if (field.message.typeName === "google.protobuf.Duration") return { read: parseDuration };
    throw new Error(`${field} has no form as text`);
  }
  if (fieldRule(field).number) {
    return {
      read: readIntegerText,
      complaint: (name) => `invalid parameter '${name}', should be a number`,
    };
  }
  const range = integerRange(field.scalar);
  if (range !== undefined) return { read: (text) => readInteger(text, range) };
  if (field.scalar === ScalarType.BOOL) return { read: readBoolean };
  if (field.scalar === ScalarType.STRING) return { read: (text) => text };
  throw new Error(`${field} has no form as text`);
}

/** Decimal text without needless zeros. */
const readIntegerText = (text: string): string | null =>
  /^-?\d+$/.test(text) ? BigInt(text).toString() : null;

/** A word that is none of these must not be taken for "no": on a preview that would commit money. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["0", false],
]);

const readBoolean = (text: string): boolean | null => BOOLEANS.get(text.toLowerCase()) ?? null;
