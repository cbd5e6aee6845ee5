import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type Json, JsonSyntaxError, parseJson } from "./parseJson.js";
import { printJson } from "./printJson.js";
import { setOwn } from "./setOwn.js";

/** `json` as JSON.parse has it: numbers are doubles. */
function toPlain(json: Json): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(toPlain);
  if ("token" in json) return Number(json.token);
  const object = {};
  for (const [key, value] of json) setOwn(object, key, toPlain(value));
  return object;
}

/** What became of a text: its value printed, so that key order and -0 count too, or null if it was refused. */
function outcome(parse: (text: string) => unknown, text: string): string | null {
  try {
    return JSON.stringify(parse(text));
  } catch (error) {
    expect(error).toBeInstanceOf(parse === JSON.parse ? SyntaxError : JsonSyntaxError);
    return null;
  }
}

const ours = (text: string) => toPlain(parseJson(text));

/** JSON with white space, escapes, exponents, and keys that are trouble elsewhere. */
const value = fc.letrec<{ any: string; object: string; array: string; leaf: string }>((tie) => ({
  any: fc.oneof({ maxDepth: 5 }, tie("leaf"), tie("object"), tie("array")),
  leaf: fc.oneof(
    fc.json({ maxDepth: 0 }),
    fc.constantFrom(
      "-0",
      "0",
      "1e3",
      "-1.5E-7",
      "1e400",
      "9007199254740993",
      '"\\u0000"',
      '"\\ud800"',
    ),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.bigInt().map(String),
  ),
  object: fc
    .array(
      fc.tuple(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "1")), tie("any")),
    )
    .map(
      (entries) =>
        `{${entries.map(([key, item]) => `${JSON.stringify(key)} : ${item}`).join(",")}}`,
    ),
  array: fc.array(tie("any")).map((items) => `[\t${items.join(" ,\n")}\r]`),
})).any;

/** A text of JSON's own characters, or JSON with one of them put somewhere. */
const scrap = fc.stringMatching(/^[[\]{}:,"\\truefalsnu0-9eE+. \n\t-]{0,12}$/);
const nearly = fc
  .tuple(
    value,
    fc.nat(),
    fc.nat({ max: 2 }),
    fc.oneof(scrap, fc.string({ unit: "binary", maxLength: 1 })),
  )
  .map(([text, at, cut, put]) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + put + text.slice(start + cut);
  });

const RUNS = { numRuns: 1_000 };
// Thousands of texts take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test("reads JSON as JSON.parse does", () => {
  fc.assert(
    fc.property(value, (text) => {
      expect(outcome(ours, text)).toBe(outcome(JSON.parse, text));
    }),
    RUNS,
  );
});

test("accepts exactly what JSON.parse accepts, and throws nothing but its own error", () => {
  fc.assert(
    fc.property(fc.oneof(nearly, scrap, fc.string({ unit: "binary" })), (text) => {
      expect(outcome(ours, text)).toBe(outcome(JSON.parse, text));
    }),
    RUNS,
  );
});

test("prints what it has read", () => {
  fc.assert(
    fc.property(value, (text) => {
      const printed = printJson(parseJson(text));
      expect(printJson(parseJson(printed))).toBe(printed);
      expect(outcome(JSON.parse, printed)).toBe(outcome(JSON.parse, text));
    }),
    RUNS,
  );
});

test("keeps numbers as they were written", () => {
  const text = "[9007199254740993,1.10,1e400,-0,123456789012345678901234567890]";
  expect(printJson(parseJson(text))).toBe(text);
});

test("a key is a key, whatever it is called", () => {
  const object = parseJson('{"__proto__":{"polluted":true},"constructor":1}') as Map<string, Json>;
  expect([...object.keys()]).toEqual(["__proto__", "constructor"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("of equal keys the last one counts", () => {
  expect(ours('{"a":1,"a":2}')).toEqual({ a: 2 });
});

test.each([
  ["", "unexpected end of the JSON text at position 0"],
  ['{"a":', "unexpected end of the JSON text at position 5"],
  ['{"a" 1}', 'unexpected "1" at position 5'],
  ["[1,]", 'unexpected "]" at position 3'],
  ["01", 'unexpected "1" at position 1'],
  ["1 2", 'unexpected "2" at position 2'],
  ['"a\nb"', 'unexpected "\\n" at position 2'],
  ['"\\x"', "string with a bad escape at position 0"],
  ["[😀]", 'unexpected "😀" at position 1'],
  ["nul", 'unexpected "n" at position 0'],
])("says what is wrong with %j, and where", (text, message) => {
  expect(() => parseJson(text)).toThrow(JsonSyntaxError);
  expect(() => parseJson(text)).toThrow(message);
});

test("reads 100 levels and refuses the 101st", () => {
  const nest = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(outcome(ours, nest(100))).toBe(nest(100));
  expect(() => parseJson(nest(101))).toThrow("nested deeper than 100 levels at position 100");
  expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow("nested deeper than 100 levels");
});

test("long tokens cost time in proportion", () => {
  const digits = "9".repeat(4_000_000);
  expect(parseJson(digits)).toEqual({ token: digits });
  expect(parseJson(`"${digits}"`)).toBe(digits);
});
