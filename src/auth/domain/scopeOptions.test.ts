import { expect, test } from "vitest";
import { checkScopeOptions } from "./scopeOptions.js";

test.each(["ledger:read", "a", "https://example.com/scopes#x", "!~[]", "x".repeat(255)])(
  "a scope may be labelled %s",
  (label) => expect(checkScopeOptions({ label, metadata: {} })).toBeNull(),
);

test.each(
  [
    ["", "two words", 'a"b', "a\\b", "tab\t", "line\n", "\0", "ünder", "x".repeat(256)],
    ["openid", "profile", "email", "address", "phone", "offline_access"],
  ].flat(),
)("no scope may be labelled %j", (label) => {
  expect(checkScopeOptions({ label, metadata: {} })).toMatchObject({
    kind: "invalid-field",
    field: "label",
  });
});
