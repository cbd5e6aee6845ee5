import { expect, test } from "vitest";
import { percentEncode } from "./percentEncode.js";

test.each([
  ['plain text: with ~, "quotes" and {braces}', 'plain text: with ~, "quotes" and {braces}'],
  ["100%", "100%25"],
  ["nö\n", "n%C3%B6%0A"],
  ["€😀", "%E2%82%AC%F0%9F%98%80"],
  ["half \ud83d", "half %EF%BF%BD"],
])("%j is written as gRPC writes messages", (message, written) => {
  expect(percentEncode(message)).toBe(written);
});
