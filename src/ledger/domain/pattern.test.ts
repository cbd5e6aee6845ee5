import { expect, test } from "vitest";
import { parsePattern } from "./pattern.js";

test.each(["a", "users:1:wallet", "a-b:c_d", "0"])("%s is an address", (address) => {
  expect(parsePattern(address)).toEqual({ kind: "address", address });
});

test.each([
  ["users:.*", "^(?:users:.*)$"],
  ["a|b", "^(?:a|b)$"],
  ["*", "^(?:[^:]*)$"],
  ["*:a:*", "^(?:[^:]*:a:[^:]*)$"],
  ["a*:b", "^(?:a*:b)$"],
  ["users:", "^(?:users:)$"],
])("%s is a regular expression for the whole address", (text, regex) => {
  expect(parsePattern(text)).toEqual({ kind: "regex", regex });
});

test.each(["(", "a)|(b", "**", "[", "a\\"])("%s is neither", (text) => {
  expect(parsePattern(text)).toBeNull();
});
