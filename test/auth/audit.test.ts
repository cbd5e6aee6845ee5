import { expect, test } from "vitest";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { startTestApp } from "../support/app.js";
import { type Line, testLog } from "../support/log.js";
import { callRpc, rpcWires } from "../support/rpcs.js";
import { logIn, requestToken } from "./startAuth.js";

/** A server, its log, and a token that may do everything. */
async function start() {
  const log = testLog();
  const app = await startTestApp({}, log.logger);
  const token = await app.token();
  const send = async (call: string, body?: object, headers: Record<string, string> = {}) => {
    const [method = "", path = ""] = call.split(" ");
    const response = await fetch(`${app.url}/api/auth${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, data: text === "" ? null : JSON.parse(text).data };
  };
  return { ...app, log, token, send, root: `${app.url}/api/auth` };
}

const whatAndOutcome = ({ what, outcome, ids }: Line) => [what, outcome, ids];

test("every change over REST is a line that says who changed what", async () => {
  const { log, send } = await start();
  const client = (await send("POST /clients", { name: "till" })).data.id;
  const scope = (await send("POST /scopes", { label: "goods:read" })).data.id;
  const other = (await send("POST /scopes", { label: "goods:write" })).data.id;
  const secret = (await send(`POST /clients/${client}/secrets`, { name: "first" })).data.id;
  await send(`PUT /clients/${client}`, { name: "till 2" });
  await send(`PUT /clients/${client}/scopes/${scope}`);
  await send(`PUT /scopes/${scope}`, { label: "goods:see" });
  await send(`PUT /scopes/${other}/transient/${scope}`);
  await send(`DELETE /scopes/${other}/transient/${scope}`);
  await send(`DELETE /clients/${client}/scopes/${scope}`);
  await send(`DELETE /clients/${client}/secrets/${secret}`);
  await send(`DELETE /scopes/${scope}`);
  await send(`DELETE /clients/${client}`);
  const lines = await log.lines("audit", 13);
  const link = { client_id: client, scope_id: scope };
  const transient = { scope_id: other, transient_scope_id: scope };
  expect(lines.map(whatAndOutcome)).toEqual([
    ["AuthService/CreateClient", "ok", { client_id: client }],
    ["AuthService/CreateScope", "ok", { scope_id: scope }],
    ["AuthService/CreateScope", "ok", { scope_id: other }],
    ["AuthService/CreateSecret", "ok", { client_id: client, secret_id: secret }],
    ["AuthService/UpdateClient", "ok", { client_id: client }],
    ["AuthService/AddScopeToClient", "ok", link],
    ["AuthService/UpdateScope", "ok", { scope_id: scope }],
    ["AuthService/AddTransientScope", "ok", transient],
    ["AuthService/DeleteTransientScope", "ok", transient],
    ["AuthService/DeleteScopeFromClient", "ok", link],
    ["AuthService/DeleteSecret", "ok", { client_id: client, secret_id: secret }],
    ["AuthService/DeleteScope", "ok", { scope_id: scope }],
    ["AuthService/DeleteClient", "ok", { client_id: client }],
  ]);
});

test("a line says who called, from where, and under which request id", async () => {
  const { log, send, clientId } = await start();
  await send("DELETE /clients/nobody", undefined, { "x-request-id": "trace-1" });
  const [line] = await log.lines("audit", 1);
  expect(line).toMatchObject({
    level: 30,
    audit: true,
    who: clientId,
    clientId,
    address: "127.0.0.1",
    requestId: "trace-1",
  });
});

test("refused changes are there too, with what they were refused for, on every wire", async () => {
  const { log, url, root, clientId, clientSecret } = await start();
  const form = { client_id: clientId, client_secret: clientSecret, scope: "auth:read" };
  const reader = await logIn(root, form);
  const rpc = AuthService.method.deleteClient;
  const request = { clientId: "till" };
  for (const wire of Object.values(rpcWires(url))) {
    await callRpc(wire, rpc, { request });
    await callRpc(wire, rpc, { request, token: "garbage" });
    await callRpc(wire, rpc, { request, token: reader });
  }
  for (const authorization of ["", "Bearer garbage", `Bearer ${reader}`]) {
    await fetch(`${root}/clients/till`, { method: "DELETE", headers: { authorization } });
  }
  const nobody = { who: null, clientId: null, outcome: "unauthenticated", ids: {} };
  const somebody = {
    who: clientId,
    clientId,
    outcome: "permission_denied",
    ids: { client_id: "till" },
  };
  const common = { level: 40, what: "AuthService/DeleteClient", address: "127.0.0.1" };
  const lines = await log.lines("audit", 12);
  const expected = [nobody, nobody, somebody].map((it) =>
    expect.objectContaining({ ...common, ...it }),
  );
  expect(lines).toEqual([...expected, ...expected, ...expected, ...expected]);
});

test("a change that fails is told with its code, and one that cannot be read does no harm", async () => {
  const { log, send, root, token } = await start();
  expect((await send("DELETE /clients/till/secrets/none")).status).toBe(404);
  expect((await send("POST /clients", {})).status).toBe(400);
  const unreadable = await fetch(`${root}/clients/till`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}` },
    body: "{",
  });
  expect(unreadable.status).toBe(400);
  expect((await log.lines("audit", 3)).map(whatAndOutcome)).toEqual([
    ["AuthService/DeleteSecret", "not_found", { client_id: "till", secret_id: "none" }],
    ["AuthService/CreateClient", "invalid_argument", {}],
    ["AuthService/UpdateClient", "invalid_argument", {}],
  ]);
});

test("whoever only looks leaves no line", async () => {
  const { log, send } = await start();
  for (const path of ["/clients", "/scopes", "/users", "/_info", "/clients/florin"]) {
    await send(`GET ${path}`);
  }
  await send("DELETE /clients/nobody");
  await log.lines("audit", 1);
});

test("every refused login is a line: who they said they were, from where, and why", async () => {
  const { log, root, clientId, clientSecret } = await start();
  const secret = { client_id: clientId, client_secret: clientSecret };
  const machine = { grant_type: "client_credentials" };
  await requestToken(root, { ...machine, ...secret, client_secret: "wrong" });
  await requestToken(root, { ...machine, client_id: "no\u001b[2Jbody", client_secret: "wrong" });
  await requestToken(root, { grant_type: "authorization_code", code: "x", ...secret });
  await requestToken(root, machine);
  for (const path of ["/oauth/introspect", "/revoke"]) {
    const authorization = `Basic ${Buffer.from("till:wrong").toString("base64")}`;
    const body = new URLSearchParams({ token: "x" });
    await fetch(root + path, { method: "POST", headers: { authorization }, body });
  }
  const lines = await log.lines("audit", 6);
  expect(lines.map(({ what, clientId, outcome }) => [what, clientId, outcome])).toEqual([
    ["token", clientId, "invalid_client"],
    ["token", "no\ufffd[2Jbody", "invalid_client"],
    ["token", clientId, expect.stringMatching(/^(unsupported_grant_type|unauthorized_client)$/)],
    ["token", null, "invalid_request"],
    ["introspection", "till", "invalid_client"],
    ["revocation", "till", "invalid_client"],
  ]);
  for (const line of lines) {
    expect(line).toMatchObject({
      level: 40,
      who: null,
      address: "127.0.0.1",
      requestId: expect.any(String),
    });
  }
});

test("a login that fails by our fault is no login", async () => {
  const { log, db, root, clientId: client_id, clientSecret: client_secret } = await start();
  await db.schema.renameTable("client_secrets", "gone");
  const form = { grant_type: "client_credentials", client_id, client_secret };
  expect((await requestToken(root, form)).status).toBe(500);
  const [line] = await log.lines("audit", 1);
  expect(line).toMatchObject({ what: "token", outcome: "server_error", level: 40 });
  expect((await log.lines("request", 2))[1]).not.toHaveProperty("clientId");
});

test("a login that works is no line of its own: the request's line names the client", async () => {
  const { log, root, clientId: client_id, clientSecret: client_secret } = await start();
  await logIn(root, { client_id, client_secret });
  await requestToken(root, { grant_type: "client_credentials", client_id, client_secret: "wrong" });
  const requests = await log.lines("request", 3);
  expect(requests.map(({ path, status, clientId }) => [path, status, clientId])).toEqual([
    ["/api/auth/oauth/token", 200, client_id],
    ["/api/auth/oauth/token", 200, client_id],
    ["/api/auth/oauth/token", 401, undefined],
  ]);
  await log.lines("audit", 1);
});
