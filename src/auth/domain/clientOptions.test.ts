import { describe, expect, test } from "vitest";
import { checkClientId, checkClientOptions } from "./clientOptions.js";

const GOOD = {
  name: "shop",
  description: "",
  isPublic: false,
  isTrusted: false,
  redirectUris: [],
  postLogoutRedirectUris: [],
  metadata: {},
};

const problem = (change: object) => checkClientOptions({ ...GOOD, ...change });

describe("a redirect URI", () => {
  test.each([
    "https://shop.example/back",
    "https://shop.example",
    "https://shop.example/",
    "http://localhost:3000/back",
    "http://127.0.0.1/back?from=florin&x=%20",
    "https://[::1]:8443/",
    "https://xn--bcher-kva.example/",
  ])("%s is taken", (uri) => {
    expect(problem({ redirectUris: [uri], postLogoutRedirectUris: [uri] })).toBeNull();
  });

  const notWhole = "must be a whole URL, beginning with https:// or http://";
  test.each([
    ["", notWhole],
    ["/back", notWhole],
    ["//shop.example/back", notWhole],
    ["shop.example/back", notWhole],
    ["com.example.app:/back", notWhole],
    ["javascript:alert(1)", notWhole],
    ["data:text/html,x", notWhole],
    ["file:///etc/passwd", notWhole],
    ["https://", notWhole],
    ["https://shop.example/#", "must not have a fragment"],
    ["https://shop.example/back#top", "must not have a fragment"],
    ["https://shop@evil.example/", "must not hold a user or a password"],
    ["https://:x@evil.example/", "must not hold a user or a password"],
    ["https://*.example/back", "must not have a wildcard"],
    ["https://shop.example/*", "must not have a wildcard"],
    ["https://shop.example/a/../back", "must be spelled https://shop.example/back"],
    ["https://shop.example/a/%2E%2e/back", "must be spelled https://shop.example/back"],
    ["https://shop.example/./back", "must be spelled https://shop.example/back"],
    ["https://shop.example/..", "must be spelled https://shop.example/"],
    ["https://Shop.example/", "must be spelled https://shop.example/"],
    ["HTTPS://shop.example/", "must be spelled https://shop.example/"],
    ["https://shop.example:443/", "must be spelled https://shop.example/"],
    ["https://shop.example\\@evil.example", "must be spelled https://shop.example/@evil.example"],
    ["https://shop.example?x=1", "must be spelled https://shop.example/?x=1"],
    ["https:shop.example", "must be spelled https://shop.example/"],
    ["https://@shop.example/", "must be spelled https://shop.example/"],
    ["https://bücher.example/", "must be spelled https://xn--bcher-kva.example/"],
    ["https://shop.example/\nback", "must be spelled https://shop.example/back"],
    [" https://shop.example/", "must be spelled https://shop.example/"],
    ["https://2130706433/", "must be spelled https://127.0.0.1/"],
    [`https://shop.example/${"x".repeat(1980)}`, "must have at most 2000 characters"],
  ])("%j is refused", (uri, says) => {
    for (const field of ["redirectUris", "postLogoutRedirectUris"]) {
      expect(problem({ [field]: ["https://shop.example/", uri] })).toEqual({
        kind: "invalid-field",
        field: `${field}[1]`,
        problem: says,
      });
    }
  });

  test("stands among a hundred at most", () => {
    const uris = Array.from({ length: 101 }, (_, index) => `https://shop.example/${index}`);
    expect(problem({ redirectUris: uris.slice(1) })).toBeNull();
    expect(problem({ redirectUris: uris })).toMatchObject({ problem: "must be at most 100" });
  });
});

test.each([
  [{ name: "" }, "name"],
  [{ name: "x".repeat(256) }, "name"],
  [{ description: "x".repeat(4097) }, "description"],
  [{ metadata: { size: Number.NaN } }, "metadata"],
  [{ metadata: { text: "ü".repeat(32 * 1024) } }, "metadata"],
])("names the field that breaks its rule: %#", (change, field) => {
  expect(problem(change)).toMatchObject({ kind: "invalid-field", field });
});

test("takes what is as long as may be", () => {
  const [name, description] = ["x".repeat(255), "x".repeat(4096)];
  const metadata = { text: "x".repeat(64 * 1024 - 11) };
  expect(problem({ name, description, metadata })).toBeNull();
});

describe("an id", () => {
  test.each(["a", "tenant/7", "a:b", "...", "a%2Fb", "~!$&'()*,;=@", "x".repeat(255)])(
    "%s is taken",
    (id) => expect(checkClientId(id)).toBeNull(),
  );

  test.each([
    "__proto__",
    "constructor",
    "",
    ".",
    "..",
    "my shop",
    "tab\t",
    "line\n",
    "\0",
    "ünder",
    "\x7f",
    "x".repeat(256),
  ])("%j is refused", (id) =>
    expect(checkClientId(id)).toMatchObject({ kind: "invalid-field", field: "id" }),
  );
});
