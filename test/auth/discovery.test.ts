import { once } from "node:events";
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { testDb } from "../support/database.js";
import { logIn, PUBLIC_URL, serve, startAuth } from "./startAuth.js";

const issuer = `${PUBLIC_URL}/api/auth`;

test("discovery names the endpoints that are there, and nothing else", async () => {
  const root = await serve(await startAuth(await testDb()));
  const response = await fetch(`${root}/.well-known/openid-configuration`);
  expect(response.status).toBe(200);
  const document = (await response.json()) as Record<string, unknown>;
  const endpoints = Object.entries(document).filter(([, value]) =>
    String(value).startsWith("http"),
  );
  expect(Object.fromEntries(endpoints)).toEqual({
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/keys`,
  });
  expect(document).toMatchObject({
    grant_types_supported: ["client_credentials"],
    response_types_supported: [],
    scopes_supported: expect.arrayContaining(["ledger:read", "auth:write"]),
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  });
});

test("discovery goes by the public URL, whatever a caller writes into headers", async () => {
  const root = await serve(await startAuth(await testDb()));
  const call = request(`${root}/.well-known/openid-configuration`, {
    headers: { Host: "evil.example.com", "X-Forwarded-Host": "evil.example.com" },
  });
  call.end();
  const [response] = await once(call, "response");
  expect(await json(response)).toMatchObject({ token_endpoint: `${issuer}/oauth/token` });
});

test("anybody can verify a token with the published keys, which hold nothing secret", async () => {
  const root = await serve(await startAuth(await testDb()));
  const published = (await (await fetch(`${root}/keys`)).json()) as { keys: object[] };
  expect(published.keys.map((key) => Object.keys(key).sort())).toEqual([
    ["alg", "e", "kid", "kty", "n", "use"],
  ]);
  const { payload } = await jwtVerify(
    await logIn(root),
    createRemoteJWKSet(new URL(`${root}/keys`)),
    { issuer, audience: `${PUBLIC_URL}/api`, algorithms: ["RS256"], typ: "at+jwt" },
  );
  expect(payload.iss).toBe(issuer);
});

test("an origin that the listener did not let in reads nothing", async () => {
  const root = await serve(await startAuth(await testDb()));
  for (const path of ["/keys", "/.well-known/openid-configuration"]) {
    const response = await fetch(root + path, { headers: { Origin: "https://evil.example.com" } });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
  }
});

test("nothing else of OpenID Connect is served, nor these under other spellings", async () => {
  const root = await serve(await startAuth(await testDb()));
  for (const path of [
    "/authorize",
    "/authorize/1234",
    "/userinfo",
    "/oauth/introspect",
    "/revoke",
    "/end_session",
    "/end_session/confirm",
    "/interaction/1234",
    "/device_authorization",
    "/KEYS",
    "/keys/",
    "//keys",
    "",
  ]) {
    for (const method of ["GET", "POST"]) {
      const response = await fetch(root + path, { method });
      expect([path, response.status, await response.text()]).toEqual([path, 404, "not ours"]);
    }
  }
});
