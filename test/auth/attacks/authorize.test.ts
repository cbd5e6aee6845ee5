import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { expect, test, vi } from "vitest";
import type { Db } from "../../../src/db/database.js";
import { contents } from "../../support/contents.js";
import { onLoopback } from "../../support/onLoopback.js";
import { ELSEWHERE, HOME } from "./elsewhere.js";
import { startForge } from "./forge.js";
import { makeClient } from "./manage.js";
import { type Answer, type Sent, versions } from "./send.js";

vi.setConfig({ testTimeout: 120_000 });

const challenge = createHash("sha256").update("v".repeat(43)).digest("base64url");

/** A request that is fine: it leads to a login. */
const FINE = {
  client_id: "app",
  redirect_uri: HOME,
  response_type: "code",
  scope: "openid ledger:read",
  state: "a state",
  code_challenge: challenge,
  code_challenge_method: "S256",
};

const authorize = (parameters: Readonly<Record<string, string>> | string): Sent => ({
  method: "GET",
  path: `/api/auth/authorize?${typeof parameters === "string" ? parameters : new URLSearchParams(parameters)}`,
});

/** The parameters of a fine request with changes; undefined takes one out. */
function changed(change: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const all = Object.entries({ ...FINE, ...change });
  return Object.fromEntries(
    all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** A server with a client of each kind, and an upstream issuer that nobody gets to. */
async function startWithApps() {
  const server = await startForge({
    DELEGATED_ISSUER: "http://127.0.0.1:9/",
    DELEGATED_CLIENT_ID: "florin",
    DELEGATED_CLIENT_SECRET: "a secret of florin",
  });
  const redirectUris = [HOME];
  await makeClient(server, { id: "app", public: true, redirectUris, scopes: ["ledger:read"] });
  await makeClient(server, { id: "backend", redirectUris, scopes: ["ledger:read"] });
  await makeClient(server, { id: "machine", scopes: ["ledger:read"] });
  return server;
}

/** What a login in good order would leave behind. */
const granted = (db: Db) =>
  db("oidc_records")
    .whereIn("kind", ["AuthorizationCode", "Grant", "RefreshToken", "AccessToken"])
    .select("kind");

/** Runs `attack` on a server, which must be as before and have granted nothing. */
async function unharmed(
  attack: (server: Awaited<ReturnType<typeof startWithApps>>) => Promise<void>,
) {
  const server = await startWithApps();
  const before = await contents(server.db, ["oidc_records"]);
  await attack(server);
  expect(await contents(server.db, ["oidc_records"])).toEqual(before);
  expect(await granted(server.db)).toEqual([]);
}

/** What every answer to a browser must be like, whatever was asked. */
function expectHarmless({ status, headers, body }: Answer, label: string) {
  expect(status, label).toBeLessThan(500);
  expect(headers["set-cookie2"] ?? headers["x-evil"], label).toBeUndefined();
  for (const cookie of [headers["set-cookie"] ?? []].flat()) {
    expect(cookie, label).toMatch(/; httponly/i);
    expect(cookie, label).toMatch(/; samesite=lax/i);
  }
  expect(body, label).not.toMatch(/<script|onerror=|javascript:/i);
  if (/html/.test(String(headers["content-type"]))) {
    expect(headers["content-security-policy"], label).toMatch(/default-src 'none'/);
    expect(headers["content-security-policy"], label).toMatch(/frame-ancestors 'none'/);
    expect(headers["x-content-type-options"], label).toBe("nosniff");
    expect(headers["referrer-policy"], label).toBe("no-referrer");
  }
}

test("a code is sent nowhere but to a registered address, compared whole", () =>
  unharmed(async ({ port }) => {
    const raw = new URLSearchParams(changed({ redirect_uri: undefined })).toString();
    const [ours, evil] = [HOME, "https://evil.test/"].map(encodeURIComponent);
    const requests: Record<string, Sent> = {
      ...Object.fromEntries(
        Object.entries(ELSEWHERE).map(([what, redirect_uri]) => [
          what,
          authorize(changed({ redirect_uri })),
        ]),
      ),
      "two, ours first": authorize(`${raw}&redirect_uri=${ours}&redirect_uri=${evil}`),
      "two, ours last": authorize(`${raw}&redirect_uri=${evil}&redirect_uri=${ours}`),
      "a list": authorize(`${raw}&redirect_uri[]=${evil}`),
      "of a client that has none": authorize(changed({ client_id: "machine" })),
      "of nobody": authorize(changed({ client_id: "nobody" })),
      "of no client": authorize(changed({ client_id: undefined })),
      "of two clients": authorize(`${raw}&redirect_uri=${ours}&client_id=machine`),
      "of a client in capitals": authorize(changed({ client_id: "APP" })),
      "of a client and a line": authorize(changed({ client_id: "app\r\nx-evil: 1" })),
      "of a client that is a page": authorize(changed({ client_id: "<script>alert(1)</script>" })),
    };
    for (const [version, send] of Object.entries(versions)) {
      const fine = await send(port, authorize(FINE));
      expect([fine.status, fine.headers["location"]]).toEqual([
        303,
        expect.stringMatching(/\/api\/auth\/login\/[\w-]+$/),
      ]);
      for (const [what, request] of Object.entries(requests)) {
        for (const accept of ["application/json", "text/html"]) {
          const answer = await send(port, { ...request, headers: { accept } });
          const label = `${what}, over ${version}: ${answer.status} ${answer.body}`;
          expectHarmless(answer, label);
          expect(answer.status, label).toBe(400);
          expect(answer.headers["location"], label).toBeUndefined();
        }
      }
    }
  }));

/** Requests that go wrong where the client is known: it is told so, at its own address. */
const REFUSED: Readonly<
  Record<string, readonly [change: Record<string, string | undefined>, error: RegExp]>
> = {
  "a public client without PKCE": [
    { code_challenge: undefined, code_challenge_method: undefined },
    /^invalid_request$/,
  ],
  "PKCE that anybody can undo": [{ code_challenge_method: "plain" }, /^invalid_request$/],
  "PKCE of no method, which would be plain": [
    { code_challenge_method: undefined },
    /^invalid_request$/,
  ],
  "PKCE of an unknown method": [{ code_challenge_method: "s256" }, /^invalid_request$/],
  "a challenge that is too short": [{ code_challenge: "x" }, /^invalid_request$/],
  "a method without a challenge": [{ code_challenge: undefined }, /^invalid_request$/],
  "a token in the URL": [{ response_type: "token" }, /^unsupported_response_type$/],
  "an ID token in the URL": [
    { response_type: "id_token", nonce: "n" },
    /^unsupported_response_type$/,
  ],
  "a token beside the code": [{ response_type: "code token" }, /^unsupported_response_type$/],
  "no type of answer": [{ response_type: undefined }, /^invalid_request$/],
  "no type of answer by name": [{ response_type: "none" }, /^unsupported_response_type$/],
  "a message to any window": [{ response_mode: "web_message" }, /^unsupported_response_mode$/],
  "an answer as JWT": [{ response_mode: "jwt" }, /^unsupported_response_mode$/],
  "an unknown mode of answer": [{ response_mode: "evil" }, /^unsupported_response_mode$/],
  "a token for another service": [{ resource: "https://evil.test/api" }, /^invalid_target$/],
  "a token for no service": [{ resource: "evil" }, /^invalid_target$/],
  "no page, without a session": [{ prompt: "none" }, /^login_required$/],
  "no page, and a page": [{ prompt: "none login" }, /^invalid_request$/],
  "an unknown page": [{ prompt: "evil" }, /^invalid_request$/],
  "a session older than time": [{ max_age: "-1" }, /^invalid_request$/],
  "a hint that is no token": [{ id_token_hint: "garbage" }, /^invalid_request$/],
  "a registration on the way": [{ registration: "{}" }, /^registration_not_supported$/],
};

test("what is wrong with a request is said to its client alone", () =>
  unharmed(async ({ port }) => {
    for (const [version, send] of Object.entries(versions)) {
      for (const [what, [change, error]] of Object.entries(REFUSED)) {
        const answer = await send(port, authorize(changed(change)));
        const label = `${what}, over ${version}: ${answer.status} ${answer.body}`;
        expectHarmless(answer, label);
        const location = new URL(String(answer.headers["location"]), "http://florin.test");
        expect(location.origin + location.pathname, label).toBe(HOME);
        // Where a client that asks for tokens looks for errors; a code never is there.
        const told = new URLSearchParams(location.hash.slice(1) || location.search);
        expect(told.get("error"), label).toMatch(error);
        expect(told.get("state"), label).toBe("a state");
        expect(told.get("iss"), label).toBe("http://florin.test/api/auth");
        expect(location.href, label).not.toMatch(/[?#&]code=/);
      }
    }
  }));

test("a request is never fetched from elsewhere, nor taken out of a JWT", () =>
  unharmed(async ({ port, forge }) => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    const bait = `http://${await onLoopback(server)}/request.jwt`;
    const inside = forge({ header: { typ: "JWT" }, claims: changed({ redirect_uri: bait }) });
    for (const [version, send] of Object.entries(versions)) {
      for (const change of [{ request_uri: bait }, { request: inside }]) {
        const answer = await send(port, authorize(changed(change)));
        const label = `${Object.keys(change)}, over ${version}: ${answer.status} ${answer.body}`;
        expectHarmless(answer, label);
        const [name] = Object.keys(change);
        expect(`${answer.body} ${answer.headers["location"]}`, label).toContain(
          `${name}_not_supported`,
        );
        expect(String(answer.headers["location"] ?? HOME), label).toContain(HOME);
      }
    }
    expect(asked).toBe(0);
  }));

const INJECTED = "x\r\nx-evil: 1\r\nset-cookie2: evil=1\r\n\r\n<script>alert(1)</script>\u2028";

test("lines, tags and NULs in any parameter never get into headers or pages", () =>
  unharmed(async ({ port }) => {
    const names = [
      ...Object.keys(FINE),
      ...["nonce", "prompt", "ui_locales", "login_hint", "id_token_hint", "acr_values", "claims"],
      ...["display", "max_age", "response_mode", "resource", "request", "request_uri", "evil"],
    ];
    for (const [version, send] of Object.entries(versions)) {
      for (const name of names) {
        for (const text of [INJECTED, "\0", "\ud800", "x".repeat(8_000)]) {
          const parameters = changed({ [name]: text });
          const request = { ...authorize(parameters), headers: { accept: "text/html" } };
          const answer = await send(port, request);
          const label = `${name}=${text.slice(0, 20)}, over ${version}: ${answer.status}`;
          expectHarmless(answer, label);
          const location = answer.headers["location"];
          if (location === undefined) continue;
          const { origin, pathname } = new URL(String(location), "http://florin.test");
          const isOurs = /^\/api\/auth\/login\/[\w-]+$/.test(pathname);
          expect(isOurs || origin + pathname === HOME, `${label} to ${location}`).toBe(true);
        }
      }
    }
  }));
