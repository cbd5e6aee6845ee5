import { describe, expect, test } from "vitest";
import { grantScopes, holdsScope, parseScopes } from "./scopes.js";

describe("holdsScope", () => {
  test.each([
    [["ledger:read"], "ledger:read", true],
    [["ledger:write"], "ledger:read", true],
    [["ledger:read"], "ledger:write", false],
    [["payments:write"], "ledger:read", false],
    [["write"], "read", false],
    [[], "ledger:read", false],
  ])("%j for %s: %s", (held, needed, expected) => {
    expect(holdsScope(new Set(held), needed)).toBe(expected);
  });
});

test("reads a scope text with stray spaces", () => {
  expect(parseScopes(" ledger:read  auth:read ")).toEqual(["ledger:read", "auth:read"]);
  expect(parseScopes("")).toEqual([]);
});

describe("grantScopes", () => {
  const any = { isStrict: false, known: new Set(["ledger:read", "ledger:write", "payments:read"]) };

  test("leaves an unrestricted client unrestricted when it asks for nothing", () => {
    expect(grantScopes({ requested: undefined, attached: [], ...any })).toBeNull();
  });

  test("holds an unrestricted client to what it asks for, without the unknown", () => {
    const requested = ["ledger:read", "moon:read"];
    expect(grantScopes({ requested, attached: [], ...any })).toEqual(["ledger:read"]);
  });

  test("takes an unrestricted client that names only OpenID Connect's scopes as having named none", () => {
    expect(grantScopes({ requested: ["openid", "profile"], attached: [], ...any })).toBeNull();
  });

  test("gives an unrestricted client that names only unknown scopes a token for nothing", () => {
    expect(grantScopes({ requested: ["moon:read"], attached: [], ...any })).toEqual([]);
  });

  test("with strict scopes, gives a client without any a token for nothing, whatever it asks for", () => {
    const strict = { ...any, isStrict: true };
    expect(grantScopes({ requested: undefined, attached: [], ...strict })).toEqual([]);
    expect(grantScopes({ requested: ["ledger:read"], attached: [], ...strict })).toEqual([]);
  });

  test("gives a restricted client all of its scopes when it asks for nothing", () => {
    const attached = ["ledger:write", "payments:read"];
    expect(grantScopes({ requested: undefined, attached, ...any })).toEqual(attached);
  });

  test("gives a restricted client no more than it has", () => {
    const requested = ["ledger:read", "ledger:write", "payments:read"];
    expect(grantScopes({ requested, attached: ["ledger:read"], ...any })).toEqual(["ledger:read"]);
  });

  test("gives reading to a client that may write", () => {
    const attached = ["ledger:write"];
    expect(grantScopes({ requested: ["ledger:read"], attached, ...any })).toEqual(["ledger:read"]);
  });

  test("gives a restricted client that asks for what it lacks a token for nothing", () => {
    const attached = ["ledger:read"];
    expect(grantScopes({ requested: ["payments:read"], attached, ...any })).toEqual([]);
  });
});
