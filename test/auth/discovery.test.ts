import { once } from "node:events";
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { SERVICE_SCOPES } from "../../src/auth/domain/scopes.js";
import { testDb } from "../support/database.js";
import { startLogins } from "./logins.js";
import { logIn, PUBLIC_URL, serve, startAuth } from "./startAuth.js";

const issuer = `${PUBLIC_URL}/api/auth`;

const discover = async (root: string) =>
  (await (await fetch(`${root}/.well-known/openid-configuration`)).json()) as object;

const everywhere = {
  issuer,
  token_endpoint: `${issuer}/oauth/token`,
  jwks_uri: `${issuer}/keys`,
  introspection_endpoint: `${issuer}/oauth/introspect`,
  introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  revocation_endpoint: `${issuer}/revoke`,
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
  claim_types_supported: ["normal"],
  claims_parameter_supported: false,
  request_uri_parameter_supported: false,
};

test("without logins, discovery names what machines can use, and nothing else", async () => {
  const root = await serve(await startAuth(await testDb()));
  expect(await discover(root)).toEqual({
    ...everywhere,
    revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    grant_types_supported: ["client_credentials"],
    response_types_supported: [],
    scopes_supported: [...SERVICE_SCOPES],
  });
});

test("with logins, discovery names what they need, too", async () => {
  const { root } = await startLogins();
  expect(await discover(root)).toEqual({
    ...everywhere,
    authorization_endpoint: `${issuer}/authorize`,
    end_session_endpoint: `${issuer}/end_session`,
    userinfo_endpoint: `${issuer}/userinfo`,
    revocation_endpoint_auth_methods_supported: [
      "client_secret_basic",
      "client_secret_post",
      "none",
    ],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
    response_types_supported: ["code"],
    response_modes_supported: ["form_post", "fragment", "query"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: ["openid", "email", "offline_access", ...SERVICE_SCOPES],
    claims_supported: [
      ...["iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"],
      ...["sub", "email", "email_verified"],
    ],
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

test("nothing of logins is served where nobody logs in, nor the rest under other spellings", async () => {
  const root = await serve(await startAuth(await testDb()));
  for (const path of [
    "/authorize",
    "/authorize/1234",
    "/userinfo",
    "/login/1234",
    "/.well-known/oauth-authorization-server",
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
