import { decodeJwt, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { testDb } from "../support/database.js";
import { SECOND, testClock } from "./clock.js";
import { logInPerson } from "./person.js";
import { attachScopes, CLIENT, logIn, PUBLIC_URL, serve, startAuth } from "./startAuth.js";
import { addClient, asBasic, asForm, ask, post } from "./tokenEndpoints.js";

const INACTIVE = [200, { active: false }];

/** What `login` is told of a token, and nothing else. */
const introspect = (root: string, token: string, login = CLIENT, more = {}) =>
  ask(`${root}/oauth/introspect`, { ...asForm(login), token, ...more });

test("a client learns what its token is worth", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  await attachScopes(db, "ledger:read", "payments:read");
  const token = await logIn(root, { scope: "ledger:read payments:read" });
  const { jti, iat, exp } = decodeJwt(token);
  const told = {
    active: true,
    scope: "ledger:read payments:read",
    client_id: CLIENT.id,
    sub: CLIENT.id,
    token_type: "Bearer",
    iss: `${PUBLIC_URL}/api/auth`,
    aud: `${PUBLIC_URL}/api`,
    ...{ exp, iat, jti },
  };
  expect(await introspect(root, token)).toEqual([200, told]);
  expect(await ask(`${root}/oauth/introspect`, { token }, asBasic())).toEqual([200, told]);
});

test("the answer may not be kept", async () => {
  const root = await serve(await startAuth(await testDb()));
  const response = await post(`${root}/oauth/introspect`, { ...asForm(), token: "x" });
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(response.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
});

test("an unrestricted client's token has no scope, one for nothing an empty one", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  expect((await introspect(root, await logIn(root)))[1]).not.toHaveProperty("scope");
  await attachScopes(db, "ledger:read");
  const forNothing = await logIn(root, { scope: "payments:read" });
  expect((await introspect(root, forNothing))[1]).toMatchObject({ active: true, scope: "" });
});

test("a person's tokens tell who it is, and the address to whom may know it", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  const maria = await logInPerson(db, { scope: "openid email offline_access" });
  const told = {
    active: true,
    sub: maria.userId,
    client_id: CLIENT.id,
    scope: "openid email offline_access",
    email: "maria@example.com",
    email_verified: true,
  };
  expect((await introspect(root, maria.accessToken))[1]).toMatchObject(told);
  expect((await introspect(root, maria.refreshToken))[1]).toEqual({
    ...told,
    iss: `${PUBLIC_URL}/api/auth`,
    iat: expect.any(Number),
    exp: expect.any(Number),
  });
  const nadia = await logInPerson(db, { scope: "openid" });
  expect((await introspect(root, nadia.accessToken))[1]).not.toHaveProperty("email");
  const anonymous = await logInPerson(db, { scope: "openid email", email: "" });
  expect((await introspect(root, anonymous.accessToken))[1]).not.toHaveProperty("email");
});

test("the hint may be wrong", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  const { accessToken, refreshToken } = await logInPerson(db);
  for (const token_type_hint of ["access_token", "refresh_token", "nonsense", ""]) {
    for (const token of [accessToken, refreshToken]) {
      const [, told] = await introspect(root, token, CLIENT, { token_type_hint });
      expect(told).toMatchObject({ active: true });
    }
  }
});

describe("inactive, without a word more, is", () => {
  test("what is no token, or no access token of ours", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    const forged = await new SignJWT(decodeJwt(await logIn(root)))
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
      .sign(Buffer.alloc(32));
    const idToken = await logInPerson(db, { type: "JWT" });
    for (const token of ["garbage", "a.b.c", "\0", "💰", forged, idToken.accessToken]) {
      expect(await introspect(root, token)).toEqual(INACTIVE);
    }
  });

  test("a token that has expired", async () => {
    const db = await testDb();
    const clock = testClock();
    const root = await serve(await startAuth(db, { clock: clock.now }));
    const token = await logIn(root);
    clock.offset += 3600n * SECOND;
    expect(await introspect(root, token)).toEqual(INACTIVE);
    const { refreshToken } = await logInPerson(db);
    await db("oidc_records").where({ kind: "RefreshToken" }).update({ expires_at: db.fn.now() });
    expect(await introspect(root, refreshToken)).toEqual(INACTIVE);
  });

  test("a token that was revoked, and all tokens of a login that ended", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    const token = await logIn(root);
    await post(`${root}/revoke`, { ...asForm(), token });
    expect(await introspect(root, token)).toEqual(INACTIVE);
    const { accessToken, refreshToken, logOut } = await logInPerson(db);
    await logOut();
    expect(await introspect(root, accessToken)).toEqual(INACTIVE);
    expect(await introspect(root, refreshToken)).toEqual(INACTIVE);
  });

  test("a refresh token whose login is no longer there", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    const { refreshToken } = await logInPerson(db);
    await db("oidc_records").where({ kind: "Grant" }).delete();
    expect(await introspect(root, refreshToken)).toEqual(INACTIVE);
  });

  test("a refresh token that was exchanged", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    const { refreshToken } = await logInPerson(db);
    await db("oidc_records").where({ kind: "RefreshToken" }).update({ consumed_at: db.fn.now() });
    expect(await introspect(root, refreshToken)).toEqual(INACTIVE);
  });

  test("a token of a client that was deleted", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    const auditor = await addClient(db, "auditor", { isTrusted: true });
    const [token, maria] = [await logIn(root), await logInPerson(db)];
    await db("clients").where({ id: CLIENT.id }).delete();
    for (const dead of [token, maria.accessToken, maria.refreshToken]) {
      expect(await introspect(root, dead, auditor)).toEqual(INACTIVE);
    }
  });

  test("another client's token, unless who asks is trusted", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    const bank = await addClient(db, "bank");
    const auditor = await addClient(db, "auditor", { isTrusted: true });
    const maria = await logInPerson(db);
    for (const token of [await logIn(root), maria.accessToken, maria.refreshToken]) {
      expect(await introspect(root, token, bank)).toEqual(INACTIVE);
      const [, told] = await introspect(root, token, auditor);
      expect(told).toMatchObject({ active: true, client_id: CLIENT.id });
    }
  });
});

test("a public client may not ask, not even of its own tokens", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  await addClient(db, "app", { isPublic: true });
  const { accessToken } = await logInPerson(db, { clientId: "app" });
  const [status, body] = await ask(`${root}/oauth/introspect`, {
    client_id: "app",
    token: accessToken,
  });
  expect([status, body["error"]]).toEqual([401, "invalid_client"]);
});

test("a request without token is told so, once it is known whose it is", async () => {
  const root = await serve(await startAuth(await testDb()));
  const [status, body] = await ask(`${root}/oauth/introspect`, asForm());
  expect([status, body]).toEqual([
    400,
    { error: "invalid_request", error_description: "token is missing" },
  ]);
});
