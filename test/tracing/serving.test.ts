import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import { fileURLToPath } from "node:url";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { startTestApp, type TestApp } from "../support/app.js";
import { testLog } from "../support/log.js";
import { startSpanReceiver } from "../support/spanReceiver.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const traceparent = `00-${TRACE}-${PARENT}-01`;
const ofTrace = ({ traceId }: { traceId: string }) => traceId === TRACE;
const RPC = "florin.ledger.v1.LedgerService/GetAccount";

const getAccount = async ({ url, token }: TestApp, headers: Record<string, string>) =>
  fetch(`${url}/api/ledger/main/accounts/users:alice?secret=of%20hers`, {
    headers: { ...headers, authorization: headers["authorization"] ?? `Bearer ${await token()}` },
  });

test("a call over REST is a span of its caller's trace, named by its route", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp(receiver.variables);
  const { status } = await getAccount(app, { traceparent, tracestate: "vendor=1" });
  expect(status).toBe(200);
  const [span] = await receiver.wait(ofTrace);
  expect(span).toMatchObject({
    parentSpanId: PARENT,
    traceState: "vendor=1",
    name: "GET /api/ledger/{ledger}/accounts/{address}",
    kind: 2,
    status: 0,
    attributes: {
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "http.route": "/api/ledger/{ledger}/accounts/{address}",
      "rpc.method": RPC,
      "url.scheme": "http",
      "network.protocol.version": "1.1",
    },
    resource: { "service.name": "florin" },
  });
  expect(span?.nanoseconds).toBeGreaterThan(0n);
});

test("over TLS, a request is https whatever version of HTTP it speaks", async () => {
  const receiver = await startSpanReceiver();
  const fixture = (name: string) =>
    fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
  const files = { TLS_CERT_FILE: fixture("first.crt"), TLS_KEY_FILE: fixture("first.key") };
  const { port } = await startTestApp({ ...receiver.variables, ...files });
  const ca = readFileSync(files.TLS_CERT_FILE);
  const session = connect(`https://127.0.0.1:${port}`, { ca });
  onTestFinished(() => session.destroy());
  await once(session.request({ ":path": "/api/ledger/_info", traceparent }).resume(), "end");
  const [span] = await receiver.wait(ofTrace);
  expect(span?.attributes).toMatchObject({
    "url.scheme": "https",
    "network.protocol.version": "2",
  });
});

test.each([
  ["grpc", "grpc", (baseUrl: string) => createGrpcTransport({ baseUrl })],
  ["gRPC-Web", "grpc", (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "2" })],
  [
    "Connect",
    "connectrpc",
    (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  ],
])("a call over %s is a span of its caller's trace", async (_, system, transportTo) => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp(receiver.variables);
  const client = createClient(LedgerService, transportTo(app.url));
  const authorization = `Bearer ${await app.token()}`;
  const request = { ledger: "main", address: "users:alice" };
  await client.getAccount(request, { headers: { authorization, traceparent } });
  const [span] = await receiver.wait(ofTrace);
  expect(span).toMatchObject({
    parentSpanId: PARENT,
    name: RPC,
    kind: 2,
    status: 0,
    attributes: { "rpc.system.name": system, "rpc.method": RPC, "rpc.status_code": "OK" },
  });
});

test("a refused call carries its status, which is no fault of the server", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp(receiver.variables);
  const client = createClient(LedgerService, createGrpcTransport({ baseUrl: app.url }));
  const refused = client.getAccount({ ledger: "main" }, { headers: { traceparent } });
  await expect(refused).rejects.toMatchObject({ code: Code.Unauthenticated });
  const [span] = await receiver.wait(ofTrace);
  expect(span).toMatchObject({ status: 0, attributes: { "rpc.status_code": "UNAUTHENTICATED" } });
  expect(span?.attributes).not.toHaveProperty("error.type");

  const { status } = await getAccount(app, { authorization: "Bearer wrong", traceparent });
  expect(status).toBe(401);
  const [, overRest] = await receiver.wait(ofTrace, 2);
  expect(overRest).toMatchObject({ status: 0, attributes: { "http.response.status_code": 401 } });
});

test("a fault is an error of its span, and the log's lines of the call name the trace", async () => {
  const receiver = await startSpanReceiver();
  const log = testLog();
  const app = await startTestApp(receiver.variables, log.logger);
  const authorization = `Bearer ${await app.token()}`;
  await app.db.raw("alter table ledgers rename to lost");
  try {
    const { status } = await getAccount(app, { authorization, traceparent });
    expect(status).toBe(500);
    const client = createClient(LedgerService, createGrpcTransport({ baseUrl: app.url }));
    const headers = { authorization, traceparent };
    await expect(client.getAccount({ ledger: "main", address: "a" }, { headers })).rejects.toThrow(
      ConnectError,
    );
  } finally {
    await app.db.raw("alter table lost rename to ledgers");
  }
  const [overRest, overGrpc] = await receiver.wait(ofTrace, 2);
  expect(overRest).toMatchObject({ status: 2, attributes: { "error.type": "500" } });
  expect(overGrpc).toMatchObject({ status: 2, attributes: { "error.type": "INTERNAL" } });
  const [failed] = await log.lines("call failed", 2);
  expect(failed).toMatchObject({ trace_id: TRACE, span_id: overRest?.spanId });
  const lines = (await log.lines("request", 3)).filter(({ trace_id }) => trace_id === TRACE);
  expect(lines.map(({ span_id }) => span_id)).toEqual([overRest?.spanId, overGrpc?.spanId]);
});

test("audit lines name the trace", async () => {
  const receiver = await startSpanReceiver();
  const log = testLog();
  const app = await startTestApp(receiver.variables, log.logger);
  const headers = { authorization: `Bearer ${await app.token()}`, traceparent };
  const body = JSON.stringify({ name: "shop" });
  await fetch(`${app.url}/api/auth/clients`, { method: "POST", headers, body });
  const [span] = await receiver.wait(ofTrace);
  const lines = log
    .text()
    .split("\n")
    .filter((line) => line.includes('"audit"'));
  expect(JSON.parse(lines.at(-1) ?? "{}")).toMatchObject({
    what: "AuthService/CreateClient",
    trace_id: TRACE,
    span_id: span?.spanId,
  });
});

test("a span says nothing of who called, and what for", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp(receiver.variables);
  const response = await getAccount(app, {
    traceparent,
    "user-agent": "alice's phone",
    "x-request-id": "alice-1",
    baggage: "user=alice",
  });
  expect(response.status).toBe(200);
  await receiver.wait(ofTrace);
  const told = JSON.stringify(receiver.spans, (_, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  for (const word of ["alice", "secret", "Bearer", "127.0.0.1", app.clientSecret, "eyJ"])
    expect(told).not.toContain(word);
});

test("a call without a trace begins one; what is no traceparent is as if it were not there", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp(receiver.variables);
  await getAccount(app, {});
  await getAccount(app, { traceparent: `00-${TRACE}-${"0".repeat(16)}-01` });
  const spans = await receiver.wait(({ attributes }) => attributes["rpc.method"] === RPC, 2);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2);
  for (const { traceId, parentSpanId } of spans)
    expect([traceId === TRACE, parentSpanId]).toEqual([false, ""]);
});

test("monitors leave no spans, other pages and unknown paths do", async () => {
  const receiver = await startSpanReceiver();
  const { url, token } = await startTestApp(receiver.variables);
  await fetch(`${url}/_healthcheck`);
  await token();
  await fetch(`${url}/no/such/alice`);
  const spans = await receiver.wait(({ kind }) => kind === 2, 2);
  expect(
    spans.map(({ name, attributes }) => [name, attributes["http.response.status_code"]]),
  ).toEqual([
    ["POST", 200],
    ["GET", 404],
  ]);
});
