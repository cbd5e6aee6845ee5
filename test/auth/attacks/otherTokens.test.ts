import { expect, test, vi } from "vitest";
import { contents } from "../../support/contents.js";
import { startForge } from "./forge.js";
import { machineToken, makeClient, manage } from "./manage.js";
import { logInAt, makeApp, newCode, newVerifier, startHouse } from "./people.js";
import { versions } from "./send.js";
import { expectInvalidToken, useWith, writeWith } from "./useToken.js";

vi.setConfig({ testTimeout: 120_000 });

test("what a login brings besides the access token opens nothing, on every wire", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true });
  const { id_token, refresh_token, access_token } = await logInAt(house, app);
  const code = await newCode(house, app, { verifier: newVerifier() });
  for (const [way, end] of Object.entries(await writeWith(house.url, access_token))) {
    expect(end, way).toBe("ok");
  }
  const before = await contents(house.db);
  for (const [what, token] of Object.entries({
    "the ID token": id_token,
    "the refresh token": refresh_token,
    "a code": code,
  })) {
    expectInvalidToken(await useWith(house.url, token), /^the access token is not valid: /, what);
    const info = await fetch(`${house.url}/api/auth/userinfo`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(info.status, `${what}, at userinfo`).toBe(401);
  }
  expect(await contents(house.db)).toEqual(before);
});

test("a person never has more than the client that they came through, nor all of everything", async () => {
  const house = await startHouse();
  const before = await contents(house.db, ["oidc_records", "clients", "users", "client_scopes"]);
  for (const scopes of [[], ["ledger:read"], ["payments:write"]]) {
    const app = await makeApp(house, { id: `app-${scopes.join()}`, public: true, scopes });
    for (const scope of ["openid", "openid ledger:write", "openid ledger:read auth:write"]) {
      const { access_token } = await logInAt(house, app, { scope });
      for (const [way, end] of Object.entries(await writeWith(house.url, access_token))) {
        expect(end, `${scopes} asks for ${scope}, ${way}`).toMatch(
          /^403 .*: the access token lacks the scope ledger:write$/,
        );
      }
    }
  }
  const after = await contents(house.db, ["oidc_records", "clients", "users", "client_scopes"]);
  expect(after).toEqual(before);
});

test("with the last scope of a client its people lose all rights, rather than gain any", async () => {
  const house = await startHouse();
  const app = await makeApp(house, { id: "app", public: true, scopes: ["ledger:write"] });
  const { access_token } = await logInAt(house, app);
  expect((await writeWith(house.url, access_token))["gRPC, call"]).toBe("ok");
  const { scopes } = await manage<{ scopes: string[] }>(house, "GET /clients/app");
  for (const id of scopes) await manage(house, `DELETE /clients/app/scopes/${id}`);
  for (const [way, end] of Object.entries(await writeWith(house.url, access_token))) {
    expect(end, way).toMatch(/^403 /);
  }
});

test("a token is read from the Authorization header alone", async () => {
  const server = await startForge();
  const { port, db } = server;
  const token = await machineToken(server, await makeClient(server, { id: "app" }));
  const body =
    '{"postings":[{"source":"world","destination":"users:1","asset":"EUR/2","amount":1}]}';
  const path = "/api/ledger/main/transactions";
  const before = await contents(db);
  const attacks = {
    "in the query": { path: `${path}?access_token=${token}` },
    "in the query, by another name": {
      path: `${path}?token=${token}&authorization=Bearer+${token}`,
    },
    "in a cookie": { headers: { cookie: `access_token=${token}; token=${token}` } },
    "in the body": { body: `${body.slice(0, -1)},"access_token":"${token}"}` },
    "in a header of another name": {
      headers: { "x-access-token": token, "x-authorization": `Bearer ${token}` },
    },
    "for a proxy": { headers: { "proxy-authorization": `Bearer ${token}` } },
    "without a scheme": { headers: { authorization: token } },
    "as another scheme": { headers: { authorization: `DPoP ${token}` } },
    "as Basic": { headers: { authorization: `Basic ${token}` } },
    "with something behind it": { headers: { authorization: `Bearer ${token}, Bearer ${token}` } },
    "in quotes": { headers: { authorization: `Bearer "${token}"` } },
  };
  for (const [version, send] of Object.entries(versions)) {
    for (const [what, attack] of Object.entries(attacks)) {
      const answer = await send(port, { method: "POST", path, body, ...attack });
      expect(answer.status, `${what}, over ${version}`).toBe(401);
      expect(answer.headers["www-authenticate"], `${what}, over ${version}`).toBe("Bearer");
    }
  }
  expect(await contents(db)).toEqual(before);
});
