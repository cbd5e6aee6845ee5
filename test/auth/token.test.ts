import { executionAsyncId } from "node:async_hooks";
import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:http2";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import { hashSecret } from "../../src/auth/domain/secrets.js";
import { loadAuthKeys } from "../../src/auth/keys/authKeys.js";
import { putSecret } from "../../src/auth/store/clientSecrets.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import {
  attachScopes,
  CLIENT,
  defineScope,
  ENCRYPTION_KEY,
  logIn,
  PUBLIC_URL,
  requestToken,
  serve,
  startAuth,
} from "./startAuth.js";

const form = {
  grant_type: "client_credentials",
  client_id: CLIENT.id,
  client_secret: CLIENT.secret,
};
const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});

test("a login leaves nothing behind that all promises of the process pay for", async () => {
  const root = await serve(await startAuth(await testDb()));
  expect((await requestToken(root, form)).status).toBe(200);
  // Promises that Node follows have a number.
  const seen = () => Promise.resolve().then(executionAsyncId);
  await expect.poll(seen).toBe(0);
});

test("a client logs in with its secret in the form", async () => {
  const root = await serve(await startAuth(await testDb()));
  const response = await requestToken(root, form);
  expect(response.status).toBe(200);
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(await response.json()).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 3600,
  });
});

test("a client logs in with its secret in the header", async () => {
  const root = await serve(await startAuth(await testDb()));
  const response = await requestToken(
    root,
    { grant_type: "client_credentials" },
    basic(CLIENT.id, CLIENT.secret),
  );
  expect(response.status).toBe(200);
});

test("a client logs in over HTTP/2", async () => {
  const root = new URL(await serve(await startAuth(await testDb()), "h2c"));
  const session = connect(root.origin);
  const request = session.request({
    ":method": "POST",
    ":path": `${root.pathname}/oauth/token`,
    "content-type": "application/x-www-form-urlencoded",
  });
  request.end(new URLSearchParams(form).toString());
  const [headers] = await once(request, "response");
  const body = await text(request);
  session.close();
  expect(headers[":status"]).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
});

test("whoever logs the request afterwards finds its path as it came", async () => {
  const auth = await startAuth(await testDb());
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: "GET",
    url: "/api/auth/keys?x=1",
  });
  const response = new ServerResponse(request);
  expect(auth.handleOidc(request, response)).toBe(true);
  await eventually(() => expect(response.writableEnded).toBe(true));
  await eventually(() => expect(request.url).toBe("/api/auth/keys?x=1"));
});

test("an access token says for whom, by whom, what for and how long", async () => {
  const root = await serve(await startAuth(await testDb()));
  const token = await logIn(root);
  expect(decodeProtectedHeader(token)).toEqual({
    alg: "RS256",
    typ: "at+jwt",
    kid: expect.any(String),
  });
  const claims = decodeJwt(token);
  expect(claims).toEqual({
    iss: `${PUBLIC_URL}/api/auth`,
    aud: `${PUBLIC_URL}/api`,
    sub: CLIENT.id,
    client_id: CLIENT.id,
    client_id_issued_at: expect.any(Number),
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: Number(claims.iat) + 3600,
  });
});

describe("the token endpoint refuses", () => {
  test("what it cannot grant, in the words of RFC 6749", async () => {
    const root = await serve(await startAuth(await testDb()));
    const refusals = {
      "a wrong secret": { client_secret: "wrong" },
      "another client's secret": { client_id: "bank" },
      "an id that no client can have": { client_id: "\0" },
      "an unknown grant": { grant_type: "password" },
      "a login code, which is not offered": { grant_type: "authorization_code" },
      "a token for another audience": { resource: "https://other.example.com" },
      "no grant": { grant_type: "" },
      "no client": { client_id: "" },
      "no secret": { client_secret: "" },
    };
    const answers = Object.entries(refusals).map(async ([what, change]) => {
      const response = await requestToken(root, { ...form, ...change });
      expect(response.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
      const { error } = (await response.json()) as { error: string };
      return [what, `${response.status} ${error}`];
    });
    expect(Object.fromEntries(await Promise.all(answers))).toEqual({
      "a wrong secret": "401 invalid_client",
      "another client's secret": "401 invalid_client",
      "an id that no client can have": "401 invalid_client",
      "an unknown grant": "400 unsupported_grant_type",
      "a login code, which is not offered": "400 unsupported_grant_type",
      "a token for another audience": "400 invalid_target",
      "no grant": "400 invalid_request",
      "no client": "400 invalid_request",
      "no secret": "401 invalid_client",
    });
  });

  test("a wrong secret in the header, with a challenge", async () => {
    const root = await serve(await startAuth(await testDb()));
    const response = await requestToken(
      root,
      { grant_type: "client_credentials" },
      basic(CLIENT.id, "wrong"),
    );
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toMatch(/^Basic /);
  });

  test("a public client: it has no secret to show", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    await db("clients").where({ id: CLIENT.id }).update({ public: true });
    expect((await requestToken(root, form)).status).toBe(401);
  });

  test("an unknown client with as much work as a wrong secret", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    const statements: string[] = [];
    db.on("query", ({ sql }) => statements.push(sql));
    const workFor = async (change: object) => {
      statements.length = 0;
      await requestToken(root, { ...form, ...change });
      return [...statements];
    };
    const work = await workFor({ client_secret: "wrong" });
    expect(work).toHaveLength(2);
    expect(await workFor({ client_id: "nobody" })).toEqual(work);
  });

  test("GET, which would put the secret into logs", async () => {
    const root = await serve(await startAuth(await testDb()));
    const response = await fetch(`${root}/oauth/token?${new URLSearchParams(form)}`);
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe("POST");
  });

  test("a browser too in JSON, never with a page", async () => {
    const root = await serve(await startAuth(await testDb()));
    const response = await requestToken(
      root,
      { ...form, grant_type: "x" },
      { Accept: "text/html" },
    );
    expect(await response.json()).toMatchObject({ error: "unsupported_grant_type" });
  });
});

test("a page of any origin may log in, as CORS is not what guards the endpoint", async () => {
  const root = await serve(await startAuth(await testDb()));
  const response = await requestToken(root, form, { Origin: "https://app.example.com" });
  expect(response.status).toBe(200);
});

describe("the scope of a token", () => {
  const scopeOf = async (root: string, scope?: string) =>
    decodeJwt(await logIn(root, scope === undefined ? {} : { scope }))["scope"];

  test("of an unrestricted client is what it asked for, without the unknown", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    await defineScope(db, "reports:read");
    expect(await scopeOf(root, "ledger:read moon:read reports:read")).toBe(
      "ledger:read reports:read",
    );
    expect(await scopeOf(root, "moon:read")).toBe("");
    expect(await scopeOf(root, "openid")).toBeUndefined();
    expect(await scopeOf(root, "")).toBeUndefined();
  });

  test("of a restricted client is never more than it has", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    await attachScopes(db, "ledger:write", "reports:read");
    expect(await scopeOf(root)).toBe("ledger:write reports:read");
    expect(await scopeOf(root, "auth:read ledger:read ledger:write")).toBe(
      "ledger:read ledger:write",
    );
    expect(await scopeOf(root, "payments:read")).toBe("");
  });

  test("holds what an attached scope implies, however far away", async () => {
    const db = await testDb();
    const root = await serve(await startAuth(db));
    await attachScopes(db, "cashier");
    await defineScope(db, "teller");
    const reader = await defineScope(db, "ledger:read");
    await db("transient_scopes").insert([
      { scope_id: "cashier", transient_scope_id: "teller" },
      { scope_id: "teller", transient_scope_id: reader },
      { scope_id: reader, transient_scope_id: "cashier" },
    ]);
    expect(await scopeOf(root)).toBe("cashier ledger:read teller");
    expect(await scopeOf(root, "ledger:read")).toBe("ledger:read");
  });
});

test("each of a client's secrets logs in, until it is removed", async () => {
  const db = await testDb();
  const root = await serve(await startAuth(db));
  const secret = "another good secret";
  const key = { clientId: CLIENT.id, id: "second" };
  const { pepper } = await loadAuthKeys(db, [ENCRYPTION_KEY]);
  const hash = hashSecret(pepper, { ...key, secret });
  await putSecret(db, { ...key, hash, name: "", lastDigits: "cret" });
  const statusOf = async (client_secret: string) =>
    (await requestToken(root, { ...form, client_secret })).status;
  expect([await statusOf(CLIENT.secret), await statusOf(secret)]).toEqual([200, 200]);
  await db("client_secrets").where({ id: "second" }).delete();
  expect([await statusOf(CLIENT.secret), await statusOf(secret)]).toEqual([200, 401]);
});
