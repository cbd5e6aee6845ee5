import type { DescMethod } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { SERVICE_SCOPES } from "../src/auth/domain/scopes.js";
import { logIn } from "./auth/startAuth.js";
import { fromReflection } from "./clients/fromReflection.js";
import { startTestApp, type TestApp } from "./support/app.js";
import { contents } from "./support/contents.js";
import { methodRuleOf, nameOf, routeOf } from "./support/protos.js";
import { callRpc, isUnary, rpcs, rpcWires, services } from "./support/rpcs.js";

vi.setConfig({ testTimeout: 30_000 });

/** What anybody may call. All else needs a token, on every wire. */
const OPEN: readonly string[] = [
  "florin.auth.v1.AuthService.GetServerInfo",
  "florin.stack.v1.StackService.GetVersions",
  "grpc.health.v1.Health.Check",
  "grpc.health.v1.Health.Watch",
  "grpc.health.v1.Health.List",
  "grpc.reflection.v1.ServerReflection.ServerReflectionInfo",
  "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo",
];

const closed = rpcs.filter((rpc) => !OPEN.includes(nameOf(rpc)));
const isAuths = (rpc: DescMethod) => nameOf(rpc).startsWith("florin.auth.");

const TOKEN_MISSING = "an access token is needed, as header Authorization: Bearer <token>";

/** How a call of `rpc` over REST is answered, with 1 for every name and number in its path. */
async function callRest(url: string, rpc: DescMethod, token?: string) {
  const { verb, path, body } = routeOf(rpc) ?? expect.unreachable(`${nameOf(rpc)} has no route`);
  const response = await fetch(url + path.replace("{connector}", "stripe").replace(/{\w+}/g, "1"), {
    method: verb,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body !== "" && { body: "{}" }),
  });
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    type: response.headers.get("content-type"),
    body: await response.text(),
  };
}

type Check = (wire: Transport, rpc: DescMethod, label: string) => Promise<void>;

/** Runs `check` for each of `subjects` on each of the RPC protocols. */
async function onEachRpcWire(url: string, subjects: readonly DescMethod[], check: Check) {
  for (const [name, wire] of Object.entries(rpcWires(url))) {
    await Promise.all(subjects.map((rpc) => check(wire, rpc, `${nameOf(rpc)} over ${name}`)));
  }
}

/** Runs `check` for those of `subjects` that have a REST form. */
async function onRest(
  subjects: readonly DescMethod[],
  check: (rpc: DescMethod, label: string) => Promise<void>,
) {
  const inRest = subjects.filter((rpc) => routeOf(rpc) !== null);
  await Promise.all(inRest.map((rpc) => check(rpc, `${nameOf(rpc)} over REST`)));
}

/** A refusal over REST; HEAD has no body, and so no type. */
function refusal(rpc: DescMethod, status: number, challenge: string, message: string) {
  const error = { errorCode: "VALIDATION", errorMessage: message };
  const body = { ...error, error_code: "VALIDATION", error_message: message };
  return routeOf(rpc)?.verb === "HEAD"
    ? { status, challenge, type: null, body: "" }
    : { status, challenge, type: "application/json; charset=utf-8", body: JSON.stringify(body) };
}

test("the services that are served are those that are walked here", async () => {
  const { url } = await startTestApp();
  const { services: served } = await fromReflection(url, "grpc.health.v1.Health");
  expect(served.toSorted()).toEqual(services.map(({ typeName }) => typeName).toSorted());
});

test("without a token exactly the open calls are answered, on every wire", async () => {
  const { url } = await startTestApp();
  await onEachRpcWire(url, rpcs, async (wire, rpc, label) => {
    const refused = `unauthenticated VALIDATION: ${TOKEN_MISSING}`;
    expect(await callRpc(wire, rpc), label).toBe(closed.includes(rpc) ? refused : "ok");
  });
  await onRest(rpcs, async (rpc, label) => {
    const refused = refusal(rpc, 401, "Bearer", TOKEN_MISSING);
    const expected = closed.includes(rpc) ? refused : { status: 200 };
    expect(await callRest(url, rpc), label).toMatchObject(expected);
  });
});

/** Pages that are no calls, and how they answer whoever has no token. */
const PAGES: Readonly<Record<string, number>> = {
  "GET /_healthcheck": 200,
  "GET /api/auth/_healthcheck": 200,
  "GET /api/ledger/_healthcheck": 200,
  "GET /api/payments/_healthcheck": 200,
  "GET /api/auth/.well-known/openid-configuration": 200,
  "GET /api/auth/keys": 200,
  // These ask clients for credentials of their own.
  "POST /api/auth/oauth/token": 400,
  "POST /api/auth/oauth/introspect": 400,
  "POST /api/auth/revoke": 400,
  "GET /metrics": 401,
  "GET /nowhere": 404,
  "GET /api/auth/nowhere": 404,
  "GET /api/auth": 404,
  "GET /api/auth/": 404,
};

/** Pages that are there for people. */
const LOGIN_PAGES: Readonly<Record<string, number>> = {
  "GET /api/auth/authorize": 400,
  // By POST another site could only come without its visitors' cookies.
  "POST /api/auth/authorize": 405,
  "GET /api/auth/authorize/somebody": 400,
  "GET /api/auth/authorize/callback": 400,
  "GET /api/auth/login/somebody": 400,
  "GET /api/auth/end_session": 200,
  "POST /api/auth/end_session": 405,
  "POST /api/auth/end_session/confirm": 400,
  "GET /api/auth/end_session/success": 200,
  "GET /api/auth/userinfo": 401,
  "POST /api/auth/userinfo": 401,
};

/** What oidc-provider could serve, and others do; it is not offered. */
const UNOFFERED = [
  ...["/device_authorization", "/device", "/request", "/reg", "/register", "/backchannel"],
  ...["/challenge", "/interaction/somebody", "/token", "/auth", "/me", "/session/end", "/jwks"],
  ...["/token/introspection", "/token/revocation", "/healthz", "/ready", "/.well-known/jwks.json"],
];

async function pageStatuses(url: string, pages: Readonly<Record<string, number>>, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (page: string) => {
    const [method = "", path = ""] = page.split(" ");
    return [page, (await fetch(url + path, { method, headers, redirect: "manual" })).status];
  };
  return Object.fromEntries(await Promise.all(Object.keys(pages).map(ask)));
}

const all404 = (pages: readonly string[]) => Object.fromEntries(pages.map((it) => [it, 404]));
const unoffered = all404(UNOFFERED.flatMap((it) => [`GET /api/auth${it}`, `POST /api/auth${it}`]));

test("of the pages that are no calls, only the metrics need a token", async () => {
  const { url, token } = await startTestApp();
  const pages = { ...PAGES, ...unoffered, ...all404(Object.keys(LOGIN_PAGES)) };
  expect(await pageStatuses(url, pages)).toEqual(pages);
  expect(await pageStatuses(url, { "GET /metrics": 200 }, await token())).toEqual({
    "GET /metrics": 200,
  });
});

test("where people log in, the pages for that are open too, and no others", async () => {
  const { url } = await startTestApp({
    DELEGATED_ISSUER: "http://127.0.0.1:9/",
    DELEGATED_CLIENT_ID: "florin",
    DELEGATED_CLIENT_SECRET: "a secret of florin",
  });
  const pages = { ...PAGES, ...unoffered, ...LOGIN_PAGES };
  expect(await pageStatuses(url, pages)).toEqual(pages);
});

const scopeOf = (rpc: DescMethod) => methodRuleOf(rpc).scope;
const neededScopes = [...new Set(closed.map(scopeOf))];

/** That none of `subjects` can be called with `token`, on any wire, and that the answer names the scope. */
async function expectLacking(url: string, subjects: readonly DescMethod[], token: string) {
  const lacking = (rpc: DescMethod) => `the access token lacks the scope ${scopeOf(rpc)}`;
  await onEachRpcWire(url, subjects, async (wire, rpc, label) => {
    const refused = `permission_denied VALIDATION: ${lacking(rpc)}`;
    expect(await callRpc(wire, rpc, { token }), label).toBe(refused);
  });
  await onRest(subjects, async (rpc, label) => {
    const challenge = `Bearer error="insufficient_scope", scope="${scopeOf(rpc)}"`;
    const refused = refusal(rpc, 403, challenge, lacking(rpc));
    expect(await callRest(url, rpc, token), label).toEqual(refused);
  });
}

test("Florin's own scopes are those that some call needs", () => {
  expect(neededScopes.toSorted()).toEqual(SERVICE_SCOPES.toSorted());
});

describe.each(neededScopes)("what needs %s", (scope) => {
  const subjects = closed.filter((rpc) => scopeOf(rpc) === scope);
  const logInWith = ({ url, clientId, clientSecret }: TestApp, scopes: readonly string[]) => {
    const form = { client_id: clientId, client_secret: clientSecret, scope: scopes.join(" ") };
    return logIn(`${url}/api/auth`, form);
  };

  test("is refused to whoever has every scope that does not imply it, on every wire", async () => {
    const app = await startTestApp();
    const before = await contents(app.db);
    const implying = [scope, scope.replace(":read", ":write")];
    const others = neededScopes.filter((other) => !implying.includes(other));
    await expectLacking(app.url, subjects, await logInWith(app, others));
    expect(await contents(app.db)).toEqual(before);
  });

  test("is let through with this scope alone, on every wire", async () => {
    const app = await startTestApp();
    const token = await logInWith(app, [scope]);
    const unary = subjects.filter(isUnary);
    await onEachRpcWire(app.url, unary, async (wire, rpc, label) => {
      const request = { ledger: "main", address: "users:1" };
      const answer = await callRpc(wire, rpc, { token, request });
      expect(answer, label).not.toMatch(/^(unauthenticated|permission_denied|internal|unknown)/);
    });
    await onRest(unary, async (rpc, label) => {
      const { status } = await callRest(app.url, rpc, token);
      expect([200, 201, 204, 400, 404, 501], label).toContain(status);
    });
  });
});

test("with strict scopes a client without any may call nothing but the open calls, whatever scope it asks for", async () => {
  const { url, token } = await startTestApp({ AUTH_STRICT_SCOPES: "true" });
  await expectLacking(url, closed, await token());
  await expectLacking(url, closed, await token(neededScopes.join(" ")));
});

test("AUTH_ENABLED=false opens Ledger and Payments, and never Auth", async () => {
  const { url } = await startTestApp({ AUTH_ENABLED: "false" });
  const subjects = closed.filter(isUnary);
  await onEachRpcWire(url, subjects, async (wire, rpc, label) => {
    const isRefused = /^unauthenticated/.test(await callRpc(wire, rpc));
    expect(isRefused, label).toBe(isAuths(rpc));
  });
  await onRest(subjects, async (rpc, label) => {
    expect((await callRest(url, rpc)).status === 401, label).toBe(isAuths(rpc));
  });
});
