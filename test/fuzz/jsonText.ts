import fc, { type Arbitrary } from "fast-check";
import { hostileText } from "./words.js";

/** JSON such as `valid` makes: as it is, with another value somewhere in it, or with its text spoilt. */
export function spoiltJson(valid: Arbitrary<string>): Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 4, arbitrary: valid.map((text) => Buffer.from(text)) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(valid, fc.nat(1_000), wrongValue)
        .map(([text, at, wrong]) => Buffer.from(replaceValue(text, at, wrong))),
    },
    { weight: 2, arbitrary: fc.tuple(valid, damage).map(([text, spoil]) => spoil(text)) },
  );
}

/** JSON, or what looks like it, that stands where another value belongs. */
const wrongValue: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...["null", "true", "false", "0", "-0", "-1", "1.0", "1e3", "1e400", "-1e400", "0.1", "NaN"],
    ...["Infinity", "undefined", "01", "+1", ".5", "0x10", "[]", "{}", "[[]]", '{"a":1}', "[null]"],
    ...["9".repeat(400), `-${"9".repeat(400)}`, "9007199254740993", "18446744073709551616"],
    ...['"9223372036854775808"', '"1"', '""', '"a"', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude42"'],
    ...['"2023-02-30T00:00:00Z"', '"0000-01-01T00:00:00Z"', '"10000-01-01T00:00:00Z"', '"1e9h"'],
    ...['"AAA"', '"!!"', '"AAAA===="', '{"$and":[]}', '{"__proto__":1}', '{"asset":1,"amount":""}'],
    ...[`${"[".repeat(150)}${"]".repeat(150)}`, `${'{"a":'.repeat(40)}1${"}".repeat(40)}`],
  ),
  hostileText.map((text) => JSON.stringify(text)),
);

const MARK = "\u0001here\u0001";

/** `text` with its value number `at`, counted through all levels, replaced. */
function replaceValue(text: string, at: number, wrong: string): string {
  const count = countValues(JSON.parse(text));
  let left = at % count;
  const marked = JSON.stringify(JSON.parse(text), (_, value) => (left-- === 0 ? MARK : value));
  return marked.replace(JSON.stringify(MARK), () => wrong);
}

function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + countValues(each), 1);
}

type Damage = (text: string) => Buffer;

const anywhere = fc.nat(10_000);

const damage: Arbitrary<Damage> = fc.oneof(
  fc.constantFrom<Damage[]>(
    (text) => Buffer.from(`\ufeff${text}`),
    (text) => Buffer.from(text, "utf16le"),
    (text) => Buffer.from(`${text} ${text}`),
    (text) => Buffer.from(text.replace(/^\{("[^"]*":[^,{[}]*)/, "{$1,$1")),
    (text) => Buffer.from(text.replaceAll('"', "'")),
    (text) => Buffer.from(text.replace(/\}$/, ",}")),
    (text) => Buffer.from(text.replace("{", "{/**/")),
    (text) => Buffer.from(text.replace("{", '{"nobody":{"knows":[1]},')),
    (text) => Buffer.from(text.replace(/"(\w)/, (_, first) => `"${first.toUpperCase()}`)),
    (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0x7d])]),
    () => Buffer.from("[".repeat(20_000)),
    () => Buffer.from('{"a":'.repeat(20_000)),
    () => Buffer.alloc(0),
    () => Buffer.from(" "),
    () => Buffer.from("\0"),
  ),
  anywhere.map(
    (at): Damage =>
      (text) =>
        Buffer.from(text.slice(0, at % (text.length + 1))),
  ),
  fc.uint8Array({ maxLength: 100 }).map(
    (bytes): Damage =>
      () =>
        Buffer.from(bytes),
  ),
  fc.tuple(anywhere, fc.nat(255)).map(
    ([at, byte]): Damage =>
      (text) => {
        const bytes = Buffer.from(text);
        bytes[at % (bytes.length + 1)] = byte;
        return bytes;
      },
  ),
);
