import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { testDb } from "../support/database.js";
import { SECOND, testClock } from "./clock.js";
import { startLogins } from "./logins.js";
import { logInPerson } from "./person.js";
import { type AuthOverrides, attachScopes, logIn, serve, startAuth } from "./startAuth.js";
import { asForm, post } from "./tokenEndpoints.js";

const UPSTREAM = { issuer: "https://login.example.com", clientId: "florin", clientSecret: "x" };

/** Auth where people can log in. */
async function start(overrides: AuthOverrides = {}) {
  const db = await testDb();
  const auth = await startAuth(db, { upstream: UPSTREAM, ...overrides });
  const root = await serve(auth);
  return { db, root, url: `${root}/userinfo` };
}

const bearing = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

/** Status, challenge and body of an answer. */
const read = async (response: Response) => [
  response.status,
  response.headers.get("WWW-Authenticate"),
  await response.json(),
];

test("tells who a person is, and the address to whom may know it", async () => {
  const { db, url } = await start();
  const maria = await logInPerson(db, { scope: "openid email" });
  const told = { sub: maria.userId, email: "maria@example.com", email_verified: true };
  const response = await fetch(url, bearing(maria.accessToken));
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(await read(response)).toEqual([200, null, told]);
  const nadia = await logInPerson(db, { scope: "openid" });
  expect(await read(await fetch(url, bearing(nadia.accessToken)))).toEqual([
    200,
    null,
    { sub: nadia.userId },
  ]);
  const anonymous = await logInPerson(db, { scope: "openid email", email: "" });
  expect(await read(await fetch(url, bearing(anonymous.accessToken)))).toEqual([
    200,
    null,
    { sub: anonymous.userId },
  ]);
});

test("whoever has really logged in finds there what the ID token says", async () => {
  const logins = await startLogins();
  const { access_token, id_token = "" } = await logins.tokens({ scope: "openid email" });
  const response = await fetch(`${logins.root}/userinfo`, bearing(access_token));
  const { sub } = decodeJwt(id_token);
  const told = { sub, email: "maria@example.com", email_verified: true };
  expect(await response.json()).toEqual(told);
  expect((await fetch(`${logins.root}/userinfo`, bearing(id_token))).status).toBe(401);
});

test("a token is taken from the header, or from the form of a POST, and from nowhere else", async () => {
  const { db, url } = await start();
  const { accessToken: access_token, userId } = await logInPerson(db, { scope: "openid" });
  const missing = [
    401,
    "Bearer",
    { error: "invalid_token", error_description: expect.any(String) },
  ];
  expect(await read(await post(url, { access_token }))).toEqual([200, null, { sub: userId }]);
  expect(await read(await fetch(url, { method: "POST", ...bearing(access_token) }))).toEqual([
    200,
    null,
    { sub: userId },
  ]);
  expect(await read(await fetch(`${url}?access_token=${access_token}`))).toEqual(missing);
  expect(await read(await post(`${url}?access_token=${access_token}`, {}))).toEqual(missing);
  expect(await read(await fetch(url))).toEqual(missing);
  expect(await read(await post(url, { access_token }, bearing(access_token).headers))).toEqual([
    400,
    null,
    { error: "invalid_request", error_description: expect.any(String) },
  ]);
});

test("machines, and people who did not log in with openid, are told that a scope is missing", async () => {
  const { db, root, url } = await start();
  const scopeMissing = [
    403,
    'Bearer error="insufficient_scope", scope="openid"',
    {
      error: "insufficient_scope",
      error_description: "the access token lacks the scope openid",
    },
  ];
  expect(await read(await fetch(url, bearing(await logIn(root))))).toEqual(scopeMissing);
  await attachScopes(db, "ledger:read", "openid");
  expect(await read(await fetch(url, bearing(await logIn(root))))).toEqual(scopeMissing);
  const { accessToken } = await logInPerson(db, { scope: "email ledger:read" });
  expect(await read(await fetch(url, bearing(accessToken)))).toEqual(scopeMissing);
});

test("a token that is bad, expired, revoked or of a login that ended tells nothing", async () => {
  const clock = testClock();
  const { db, root, url } = await start({ clock: clock.now });
  const invalid = (why: string) => [
    401,
    'Bearer error="invalid_token"',
    { error: "invalid_token", error_description: why },
  ];
  const fetched = async (token: string) => read(await fetch(url, bearing(token)));
  expect(await fetched("garbage")).toEqual(invalid(expect.stringContaining("not valid")));
  const { accessToken: revoked } = await logInPerson(db);
  await post(`${root}/revoke`, { ...asForm(), token: revoked });
  expect(await fetched(revoked)).toEqual(invalid("the access token was revoked"));
  const left = await logInPerson(db);
  await left.logOut();
  expect(await fetched(left.accessToken)).toEqual(invalid("the access token was revoked"));
  const { accessToken: idToken } = await logInPerson(db, { type: "JWT" });
  expect(await fetched(idToken)).toEqual(invalid(expect.stringContaining("not valid")));
  const { accessToken: expired } = await logInPerson(db);
  clock.offset = 301n * SECOND;
  expect(await fetched(expired)).toEqual(invalid("the access token has expired"));
});

test("where nobody can log in there is no userinfo", async () => {
  const { url } = await start({ upstream: null });
  expect((await fetch(url)).status).toBe(404);
});
