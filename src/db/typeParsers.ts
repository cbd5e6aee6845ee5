import { types } from "pg";
import type { Micros } from "../lib/time.js";

type Parser = (text: string) => unknown;

/** Element by element; of one dimension, and of types whose text holds no comma. */
const arrayOf =
  (parse: Parser): Parser =>
  (text) =>
    text === "{}"
      ? []
      : text
          .slice(1, -1)
          .split(",")
          .map((item) => (item === "NULL" ? null : parse(item.replaceAll('"', ""))));

const parsers: ReadonlyMap<number, Parser> = new Map([
  [20, BigInt], // int8
  [1016, arrayOf(BigInt)],
  // Our numerics are integers of any size. One with a fraction throws: better than rounding it.
  [1700, BigInt], // numeric
  [1231, arrayOf(BigInt)],
  [1184, parseTimestamptz],
  [1185, arrayOf(parseTimestamptz)],
]);

/** Reads a column of type `oid`; the types that the driver would round become bigint. */
export const getTypeParser = (oid: number, format: string): Parser =>
  (format === "binary" ? undefined : parsers.get(oid)) ??
  types.getTypeParser(oid, format as "text");

const TIMESTAMPTZ = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/;

/** Reads what a session in UTC with ISO dates writes: "2023-07-10 12:00:00.123456+00". */
function parseTimestamptz(text: string): Micros {
  const match = TIMESTAMPTZ.exec(text);
  if (match === null) throw new RangeError(`timestamptz outside of the years 1 to 9999: ${text}`);
  const [, date, time, fraction = ""] = match;
  return BigInt(Date.parse(`${date}T${time}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}
