import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { putRevokedToken } from "../../src/auth/store/revokedTokens.js";
import { systemClock } from "../../src/lib/time.js";
import { testDb } from "../support/database.js";
import { APP, startLogins } from "./logins.js";
import { logInPerson } from "./person.js";
import { logIn, serve, startAuth } from "./startAuth.js";
import { addClient, asBasic, asForm, ask, post } from "./tokenEndpoints.js";

const REVOKED = { ok: false, failure: { kind: "token-revoked" } };

test("a revoked access token is dead at once, and is the only one", async () => {
  const auth = await startAuth(await testDb());
  const root = await serve(auth);
  const [token, other] = [await logIn(root), await logIn(root)];
  expect(await auth.verify(token)).toMatchObject({ ok: true });
  const response = await post(`${root}/revoke`, { token }, asBasic());
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBeNull();
  expect(await response.text()).toBe("");
  expect(await auth.verify(token)).toEqual(REVOKED);
  expect(await auth.verify(other)).toMatchObject({ ok: true });
});

test("a person's access token dies alone, and the login goes on", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const root = await serve(auth);
  const { accessToken, refreshToken } = await logInPerson(db);
  await post(`${root}/revoke`, { ...asForm(), token: accessToken });
  expect(await auth.verify(accessToken)).toEqual(REVOKED);
  const [, told] = await ask(`${root}/oauth/introspect`, { ...asForm(), token: refreshToken });
  expect(told).toMatchObject({ active: true });
});

test("with a refresh token, used or not, dies the login that it came of, and no other", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const root = await serve(auth);
  for (const isUsed of [false, true]) {
    const [maria, nadia] = [await logInPerson(db), await logInPerson(db)];
    expect(await auth.verify(maria.accessToken)).toMatchObject({ ok: true });
    if (isUsed) await db("oidc_records").update({ consumed_at: db.fn.now() });
    const revocation = { ...asForm(), token: maria.refreshToken };
    expect((await post(`${root}/revoke`, revocation)).status).toBe(200);
    expect(await auth.verify(maria.accessToken)).toEqual(REVOKED);
    expect(await auth.verify(nadia.accessToken)).toMatchObject({ ok: true });
    expect(await db("oidc_records").where({ grant_id: maria.grantId })).toEqual([]);
    expect(await db("oidc_records").where({ grant_id: nadia.grantId })).toHaveLength(2);
  }
});

test("the hint may be wrong", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const root = await serve(auth);
  for (const token_type_hint of ["access_token", "refresh_token", "nonsense"]) {
    const token = await logIn(root);
    await post(`${root}/revoke`, { ...asForm(), token, token_type_hint });
    expect(await auth.verify(token)).toEqual(REVOKED);
    const { refreshToken, accessToken } = await logInPerson(db);
    await post(`${root}/revoke`, { ...asForm(), token: refreshToken, token_type_hint });
    expect(await auth.verify(accessToken)).toEqual(REVOKED);
  }
});

test("what is unknown or dead already is as wanted", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  const token = await logIn(root);
  for (const gone of ["garbage", "a.b.c", "\0", token, token]) {
    expect((await post(`${root}/revoke`, { ...asForm(), token: gone })).status).toBe(200);
  }
  expect(await db("revoked_tokens")).toHaveLength(1);
});

test("a token may be revoked in two processes at once", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  const token = await logIn(root);
  const other = await db.transaction();
  await putRevokedToken(other, { jti: String(decodeJwt(token).jti), expiresAt: systemClock() });
  const isHeld = new Promise((resolve) =>
    db.on("query", ({ sql }: { sql: string }) => {
      if (sql.startsWith('insert into "revoked_tokens"')) resolve(true);
    }),
  );
  const revocation = post(`${root}/revoke`, { ...asForm(), token });
  await isHeld;
  await other.commit();
  expect((await revocation).status).toBe(200);
  expect(await db("revoked_tokens")).toHaveLength(1);
});

test("a client is told that a token is another's, which lives on", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const root = await serve(auth);
  // Trust is for asking.
  const bank = await addClient(db, "bank", { isTrusted: true });
  const { accessToken, refreshToken } = await logInPerson(db);
  const tokens = [await logIn(root), accessToken, refreshToken];
  for (const token of tokens) {
    expect(await ask(`${root}/revoke`, { ...asForm(bank), token })).toEqual([
      400,
      { error: "invalid_grant", error_description: "the token was issued to another client" },
    ]);
    const [, told] = await ask(`${root}/oauth/introspect`, { ...asForm(), token });
    expect(told).toMatchObject({ active: true });
  }
});

test("a public client revokes by its id alone, and only its own", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const root = await serve(auth);
  await addClient(db, "app", { isPublic: true });
  const own = await logInPerson(db, { clientId: "app" });
  const others = await logInPerson(db);
  const revoke = (token: string) => post(`${root}/revoke`, { client_id: "app", token });
  expect((await revoke(own.refreshToken)).status).toBe(200);
  expect(await auth.verify(own.accessToken)).toEqual(REVOKED);
  expect((await revoke(others.refreshToken)).status).toBe(400);
  expect(await auth.verify(others.accessToken)).toMatchObject({ ok: true });
});

test("a client that logs in again after a revocation gets a token that lives", async () => {
  const auth = await startAuth(await testDb());
  const root = await serve(auth);
  await post(`${root}/revoke`, { ...asForm(), token: await logIn(root) });
  expect(await auth.verify(await logIn(root))).toMatchObject({ ok: true });
});

test("a revocation that could not be written down is not acknowledged", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const root = await serve(auth);
  const token = await logIn(root);
  await db.raw("alter table revoked_tokens rename to hidden");
  const [status, body] = await ask(`${root}/revoke`, { ...asForm(), token });
  expect([status, body]).toEqual([500, { error: "server_error" }]);
  await db.raw("alter table hidden rename to revoked_tokens");
  expect(await auth.verify(token)).toMatchObject({ ok: true });
  expect((await post(`${root}/revoke`, { ...asForm(), token })).status).toBe(200);
  expect(await auth.verify(token)).toEqual(REVOKED);
});

test("whoever has really logged in is really logged out by it", async () => {
  const logins = await startLogins();
  const { auth, root } = logins;
  const scope = "openid email offline_access";
  const { access_token = "", refresh_token = "" } = await logins.tokens({ scope });
  const auditor = await addClient(logins.db, "auditor", { isTrusted: true });
  for (const token of [access_token, refresh_token]) {
    const form = { ...asForm(auditor), token };
    const [, told] = await ask(`${root}/oauth/introspect`, form);
    expect(told).toMatchObject({ active: true, scope, sub: logins.maria, client_id: APP.id });
  }
  expect(await auth.verify(access_token)).toMatchObject({
    value: { kind: "user", subject: logins.maria, scopes: new Set(scope.split(" ")) },
  });
  const revocation = { client_id: APP.id, token: refresh_token };
  expect((await post(`${root}/revoke`, revocation)).status).toBe(200);
  expect(await auth.verify(access_token)).toEqual(REVOKED);
  expect((await logins.refresh(refresh_token)).status).toBe(400);
});
