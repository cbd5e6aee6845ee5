import type { DescMethod } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { logIn } from "./auth/startAuth.js";
import { fromReflection } from "./clients/fromReflection.js";
import { startTestApp } from "./support/app.js";
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

test("of the pages that are no calls, only the metrics need a token", async () => {
  const { url, token } = await startTestApp();
  const statusOf = async (page: string, headers = {}) => {
    const [method = "", path = ""] = page.split(" ");
    return (await fetch(url + path, { method, headers })).status;
  };
  const statuses = {
    "GET /_healthcheck": 200,
    "GET /api/auth/_healthcheck": 200,
    "GET /api/ledger/_healthcheck": 200,
    "GET /api/payments/_healthcheck": 200,
    "GET /api/auth/.well-known/openid-configuration": 200,
    "GET /api/auth/keys": 200,
    // It asks for credentials of its own.
    "POST /api/auth/oauth/token": 400,
    "GET /metrics": 401,
    "GET /nowhere": 404,
  };
  for (const [page, status] of Object.entries(statuses)) {
    expect(await statusOf(page), page).toBe(status);
  }
  expect(await statusOf("GET /metrics", { authorization: `Bearer ${await token()}` })).toBe(200);
});

test("whoever may only read the ledger reads it and does nothing else, on every wire", async () => {
  const { url, clientId: client_id, clientSecret: client_secret } = await startTestApp();
  const form = { client_id, client_secret, scope: "ledger:read" };
  const token = await logIn(`${url}/api/auth`, form);
  const scopeOf = (rpc: DescMethod) => methodRuleOf(rpc).scope;
  const lacking = (rpc: DescMethod) => `the access token lacks the scope ${scopeOf(rpc)}`;
  const others = closed.filter((rpc) => scopeOf(rpc) !== "ledger:read");
  const reads = closed.filter((rpc) => scopeOf(rpc) === "ledger:read" && isUnary(rpc));

  await onEachRpcWire(url, others, async (wire, rpc, label) => {
    const refused = `permission_denied VALIDATION: ${lacking(rpc)}`;
    expect(await callRpc(wire, rpc, { token }), label).toBe(refused);
  });
  await onRest(others, async (rpc, label) => {
    const challenge = `Bearer error="insufficient_scope", scope="${scopeOf(rpc)}"`;
    const refused = refusal(rpc, 403, challenge, lacking(rpc));
    expect(await callRest(url, rpc, token), label).toEqual(refused);
  });
  await onEachRpcWire(url, reads, async (wire, rpc, label) => {
    const request = { ledger: "main", address: "users:1" };
    const answer = await callRpc(wire, rpc, { token, request });
    expect(answer, label).toMatch(/^(ok|not_found|unimplemented)/);
  });
  await onRest(reads, async (rpc, label) => {
    expect([200, 404, 501], label).toContain((await callRest(url, rpc, token)).status);
  });
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
