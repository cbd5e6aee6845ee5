import { expect, test } from "vitest";
import { scopesNow } from "./accessToken.js";

const machine = (...scopes: string[]) => ({ kind: "client", scopes: new Set(scopes) }) as const;
const person = (...scopes: string[]) => ({ kind: "user", scopes: new Set(scopes) }) as const;
const unheld = { kind: "client", scopes: null } as const;

test("a machine's token without scopes may do what its client may", () => {
  expect(scopesNow(unheld, [], false)).toBeNull();
  expect(scopesNow(unheld, ["ledger:read"], false)).toEqual(new Set(["ledger:read"]));
});

test("a machine's token is held to its own scopes, also where its client is unrestricted", () => {
  expect(scopesNow(machine("ledger:read"), [], false)).toEqual(new Set(["ledger:read"]));
  expect(scopesNow(machine(), [], false)).toEqual(new Set());
  expect(scopesNow(machine(), ["ledger:read"], false)).toEqual(new Set());
});

test("with strict scopes, a machine whose client has none may do nothing, whatever its token states", () => {
  expect(scopesNow(unheld, [], true)).toEqual(new Set());
  expect(scopesNow(machine("ledger:read"), [], true)).toEqual(new Set());
  expect(scopesNow(unheld, ["ledger:read"], true)).toEqual(new Set(["ledger:read"]));
});

test("a scope that the client lost no longer counts", () => {
  const scopes = ["ledger:read", "payments:read"];
  const left = new Set(["ledger:read"]);
  expect(scopesNow(machine(...scopes), ["ledger:write"], false)).toEqual(left);
  expect(scopesNow(person(...scopes), ["ledger:read", "auth:read"], false)).toEqual(left);
});

test("a person's token through a client without scopes tells who it is, and may do nothing", () => {
  const token = person("openid", "email", "offline_access", "ledger:read");
  expect(scopesNow(token, [], false)).toEqual(new Set(["openid", "email", "offline_access"]));
});

test("what tells who a person is means nothing for a machine", () => {
  expect(scopesNow(machine("openid", "ledger:read"), ["ledger:read"], false)).toEqual(
    new Set(["ledger:read"]),
  );
});
