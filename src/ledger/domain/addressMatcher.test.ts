import fc from "fast-check";
import { expect, test } from "vitest";
import { addressMatcher } from "./addressMatcher.js";

test.each([
  ["", "users:1", true],
  ["bar", "foobar", true],
  ["bar", "foo:bar:1", true],
  ["bar", "ba:r", false],
  ["order:*", "the:order:1", true],
  ["order:*", "order:", true],
  ["order:*", "orders:1", false],
  ["^order:*", "the:order:1", false],
  ["users:*:main", "users:1:main:2", true],
  ["users:*:main$", "users:1:main:2", false],
  ["users:*:main$", "users:main:main", true],
  ["users:*:main$", "users:main", false],
  ["^users:1$", "users:1", true],
  ["^users:1$", "users:12", false],
  ["^users:.*$", "users:1", true],
  ["^users.*$", "users", false],
  ["^users*$", "users", true],
  ["*", "a", true],
  ["^$", "a", false],
])("%j in %s: %s", (pattern, address, isMatch) => {
  expect(addressMatcher(pattern)?.(address)).toBe(isMatch);
});

test.each(["[0-9]", "a+", "(a|b)", "a?", "\\d", "a.b", "a{2}", "a^b", "$a", "é", "a".repeat(251)])(
  "%j is refused",
  (pattern) => {
    expect(addressMatcher(pattern)).toBeNull();
  },
);

test("a pattern matches what the same regular expression does", () => {
  const part = fc.constantFrom("a", "b", ":", "*", ".*", "ab");
  const pattern = fc
    .tuple(fc.constantFrom("", "^"), fc.array(part, { maxLength: 6 }), fc.constantFrom("", "$"))
    .map(([start, parts, end]) => start + parts.join("") + end);
  const address = fc.string({ unit: fc.constantFrom("a", "b", ":"), maxLength: 12 });
  fc.assert(
    fc.property(pattern, address, (text, address) => {
      const regex = new RegExp(text.replaceAll("*", ".*"));
      expect(addressMatcher(text)?.(address)).toBe(regex.test(address));
    }),
    { numRuns: 2000 },
  );
});
