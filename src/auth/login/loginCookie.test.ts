import { expect, test } from "vitest";
import type { HttpRequest } from "../../server/handler.js";
import { cookieNameOf, cookieWriter, readCookie, surplusCookies } from "./loginCookie.js";

const requestWith = (cookie?: string) => ({ headers: { cookie } }) as unknown as HttpRequest;

test("each login has a cookie of its own, whose name does not tell the state", () => {
  const [one, two] = [cookieNameOf("state one"), cookieNameOf("state two")];
  expect(one).toMatch(/^_login\.[\w-]{16}$/);
  expect(one).not.toBe(two);
  expect(cookieNameOf("state one")).toBe(one);
});

test("a cookie is found among others, by its whole name", () => {
  const request = requestWith("a=1; _login.x=one; b_login.x=2; _login.xy=three");
  expect(readCookie(request, "_login.x")).toBe("one");
  expect(readCookie(request, "_login")).toBeUndefined();
  expect(readCookie(requestWith(), "_login.x")).toBeUndefined();
});

test("seven logins leave room for one more; of more, the first go", () => {
  const cookies = (count: number) =>
    Array.from({ length: count }, (_, at) => `_login.${at}=x`).join("; ");
  expect(surplusCookies(requestWith(`other=1; ${cookies(7)}`))).toEqual([]);
  expect(surplusCookies(requestWith(`other=1; ${cookies(9)}`))).toEqual(["_login.0", "_login.1"]);
});

test("in cleartext, cookies are not kept for TLS only", () => {
  const { set, clear } = cookieWriter(new URL("http://localhost:8080/api/auth"));
  const cookie = { name: "_login.x", value: "one" };
  const rest = "Path=/api/auth; HttpOnly; SameSite=Lax";
  expect(set(cookie, 600)).toBe(`_login.x=one; Max-Age=600; ${rest}`);
  expect(clear("_login.x")).toBe(`_login.x=; Max-Age=0; ${rest}`);
});
