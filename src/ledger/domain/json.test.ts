import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, jsonString } from "./json.js";

test("strings are escaped as Go escapes them", () => {
  expect(jsonString('"\\\n\r\t')).toBe(String.raw`"\"\\\n\r\t"`);
  expect(jsonString("\b\f\u0000\u001f")).toBe(String.raw`"\u0008\u000c\u0000\u001f"`);
  expect(jsonString("<a href='x'>&\u2028\u2029")).toBe(
    String.raw`"\u003ca href='x'\u003e\u0026\u2028\u2029"`,
  );
  expect(jsonString("\u007fé€😀")).toBe('"\u007fé€😀"');
});

test("numbers are written as ECMAScript writes them, and minus zero as zero", () => {
  const numbers = [1e21, 1e20, 1e-7, 0.000001, 1.5, -0, 2 ** 53, 5e-324];
  expect(canonicalJson(numbers)).toBe(
    "[1e+21,100000000000000000000,1e-7,0.000001,1.5,0,9007199254740992,5e-324]",
  );
});

test("keys are sorted by their bytes in UTF-8, not by UTF-16 units", () => {
  const keys = ["b", "a", "aa", "\u{1F600}", "\uFF5E", "Z", "", "10", "9"];
  const object = Object.fromEntries(keys.map((key, index) => [key, index]));
  expect([...canonicalJson(object).matchAll(/"([^"]*)":/g)].map(([, key]) => key)).toEqual([
    "",
    "10",
    "9",
    "Z",
    "a",
    "aa",
    "b",
    "\uFF5E",
    "\u{1F600}",
  ]);
});

test("a key called __proto__ is a key like any other", () => {
  expect(canonicalJson(JSON.parse('{"__proto__":{"a":1},"b":[]}'))).toBe(
    '{"__proto__":{"a":1},"b":[]}',
  );
});

test("what is written reads back, and is written the same again", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as never);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
