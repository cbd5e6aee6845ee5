import {
  Code,
  ConnectError,
  createClient,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { pino } from "pino";
import { Gauge } from "prom-client";
import { expect, test, vi } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { contextValuesOf } from "../src/server/callRecord.js";
import { maskUnknownErrors } from "../src/server/interceptors/maskUnknownErrors.js";
import { recordCall } from "../src/server/interceptors/recordCall.js";
import { createMetrics, serveMetrics } from "../src/server/metrics.js";
import { observeRequests } from "../src/server/observeRequests.js";
import { principalKey } from "../src/server/principal.js";
import { createRestHandler } from "../src/server/rest/restHandler.js";
import { startListener } from "./support/listener.js";

const GET_INFO = "florin.ledger.v1.LedgerService/GetInfo";

/** A server on all wires, whose log can be read. */
async function start(implementation: Partial<ServiceImpl<typeof LedgerService>>) {
  const lines: string[] = [];
  const logger = pino({ base: null, level: "debug" }, { write: (line) => void lines.push(line) });
  const metrics = createMetrics();
  const chain = {
    interceptors: [recordCall(), maskUnknownErrors(logger)],
    contextValues: contextValuesOf,
  };
  const rest = createRestHandler({
    ...chain,
    services: [{ service: LedgerService, implementation }],
    defaultMaxBodyBytes: 1_000_000,
    logger,
  });
  const handler = connectNodeAdapter({
    ...chain,
    routes: (router) => router.service(LedgerService, implementation),
    fallback: (req, res) => {
      if (req.url === "/metrics") return serveMetrics(metrics)(req, res);
      rest.handle(req, res, () => {
        res.writeHead(404);
        res.end();
      });
    },
  });
  const observers = { logger, metrics, trustedProxies: 0 };
  const { port } = await startListener({ handler: observeRequests(handler, observers) });
  /** The lines that tell of ended requests, when there are `count`. */
  async function requests(count: number) {
    return vi.waitFor(() => {
      const found = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
      expect(found).toHaveLength(count);
      return found;
    });
  }
  return { baseUrl: `http://127.0.0.1:${port}`, lines, requests };
}

test("a call is logged and measured once on every wire, with all that is known of it", async () => {
  const { baseUrl, requests } = await start({
    getInfo(_request, { values }) {
      const principal = {
        kind: "client",
        subject: "me",
        clientId: "me",
        scopes: null,
        expiresAt: 0n,
      } as const;
      values.set(principalKey, principal);
      const config = { storage: { driver: "postgres" } };
      return { data: { server: "florin", version: "v1.2.3", config } };
    },
  });
  const transports: Record<string, Transport> = {
    grpc: createGrpcTransport({ baseUrl }),
    "grpc-web": createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
    connect: createConnectTransport({ baseUrl, httpVersion: "2" }),
  };
  for (const transport of Object.values(transports))
    await createClient(LedgerService, transport).getInfo({});
  // Whatever its query says.
  await fetch(`${baseUrl}/api/ledger/_info?seen=/${GET_INFO}`);

  const logged = await requests(4);
  for (const [index, protocol] of [...Object.keys(transports), "rest"].entries()) {
    expect(logged[index]).toMatchObject({
      rpc: GET_INFO,
      protocol,
      code: "ok",
      subject: "me",
      status: 200,
      durationMs: expect.any(Number),
    });
  }
  const measured = await (await fetch(`${baseUrl}/metrics`)).text();
  for (const protocol of [...Object.keys(transports), "rest"]) {
    expect(measured).toContain(
      `florin_request_seconds_count{rpc="${GET_INFO}",protocol="${protocol}",code="ok"} 1`,
    );
  }
  expect(measured).toContain("florin_requests_under_way 1\n");
  expect(measured).toContain("process_cpu_seconds_total");
});

test("a call that is refused is logged with its code", async () => {
  const { baseUrl, requests } = await start({
    getInfo() {
      throw new ConnectError("no", Code.PermissionDenied);
    },
  });
  const client = createClient(LedgerService, createGrpcTransport({ baseUrl }));
  await expect(client.getInfo({})).rejects.toThrow("no");
  expect((await requests(1))[0]).toMatchObject({ rpc: GET_INFO, code: "permission_denied" });
});

test("a stream is logged when it ends, however that comes about", async () => {
  const { baseUrl, requests } = await start({
    async *watchLogs({ ledger }, { signal }) {
      yield {};
      if (ledger === "bad") throw new ConnectError("no", Code.NotFound);
      if (ledger === "endless")
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const client = createClient(LedgerService, createGrpcTransport({ baseUrl }));
  const read = async (ledger: string) => {
    const abort = new AbortController();
    for await (const _ of client.watchLogs({ ledger }, { signal: abort.signal })) {
      if (ledger === "endless") abort.abort();
    }
  };
  await read("good");
  await read("bad").catch(() => {});
  await read("endless").catch(() => {});
  const codes = (await requests(3)).map(({ code }) => code);
  expect(codes).toEqual(["ok", "not_found", "canceled"]);
});

test("what reaches no call is logged too: unknown routes and bodies that cannot be read", async () => {
  const { baseUrl, requests } = await start({});
  await fetch(`${baseUrl}/nowhere?token=secret`);
  await fetch(`${baseUrl}/${GET_INFO}`, {
    method: "POST",
    body: "{",
    headers: { "content-type": "application/json" },
  });
  await fetch(`${baseUrl}/${GET_INFO}`, {
    method: "POST",
    body: "\0\0\0\0\x01\xff",
    headers: { "content-type": "application/grpc" },
  });
  const [unknown, unreadable, unreadableGrpc] = await requests(3);
  expect(unknown).toMatchObject({ path: "/nowhere", status: 404, rpc: "", protocol: "http" });
  expect(unreadable).toMatchObject({ path: `/${GET_INFO}`, status: 400 });
  expect(unreadableGrpc).toMatchObject({ status: 200, code: "unknown" });
});

test("every answer carries a request id: the caller's if it is sane, else one of ours", async () => {
  const { baseUrl, requests } = await start({});
  const ask = async (id?: string) => {
    const response = await fetch(`${baseUrl}/nowhere`, {
      headers: id === undefined ? {} : { "x-request-id": id },
    });
    return response.headers.get("x-request-id");
  };
  expect(await ask("trace-1:a/b")).toBe("trace-1:a/b");
  for (const id of [undefined, "", "a b", "<script>", "x".repeat(129)]) {
    expect(await ask(id)).toMatch(/^[0-9a-f-]{36}$/);
  }
  expect((await requests(6))[0]).toMatchObject({ requestId: "trace-1:a/b" });
});

test("a fault of ours is told with the id under which it is logged", async () => {
  const { baseUrl, lines } = await start({
    getInfo() {
      throw new Error("secret");
    },
  });
  const headers = { "x-request-id": "mine" };
  const response = await fetch(`${baseUrl}/api/ledger/_info`, { headers });
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({
    errorCode: "INTERNAL",
    errorMessage: "internal error (request mine)",
  });
  const fault = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === "call failed");
  expect(fault).toMatchObject({ requestId: "mine", rpc: GET_INFO, err: { message: "secret" } });
});

test("neither tokens nor bodies nor queries get into the log", async () => {
  const { baseUrl, lines, requests } = await start({ getInfo: () => ({}) });
  await fetch(`${baseUrl}/${GET_INFO}?q=secret`, {
    method: "POST",
    body: '{"secret":"secret"}',
    headers: { authorization: "Bearer secret", "content-type": "application/json" },
  });
  await requests(1);
  expect(lines.join()).not.toContain("secret");
});

test("a gauge that cannot be read spoils the page of metrics, not the process", async () => {
  const metrics = createMetrics();
  new Gauge({
    name: "broken",
    help: "Throws.",
    registers: [metrics.registry],
    collect() {
      throw new Error("secret");
    },
  });
  const { port } = await startListener({ handler: serveMetrics(metrics) });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
});

test("what monitors ask is logged for debugging alone, and nothing else by the end of its name", async () => {
  const { baseUrl, requests } = await start({});
  const paths = ["/metrics", "/_healthcheck", "/my_healthcheck"];
  for (const path of paths) await fetch(baseUrl + path);
  const { debug, info } = pino().levels.values;
  expect((await requests(3)).map(({ level }) => level)).toEqual([debug, debug, info]);
});
