import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import { expect, test, vi } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "../gen/grpc/health/v1/health_pb.js";
import { answerHealth, type Check, createProbe } from "../src/server/health.js";
import { healthService } from "../src/server/healthService.js";
import { drainStreams } from "../src/server/interceptors/drainStreams.js";
import { silentLogger, startListener } from "./support/listener.js";

/** A server whose database answers as told. */
async function startHealth(database: Check) {
  const drain = new AbortController();
  const probe = createProbe({
    checks: { database },
    logger: silentLogger,
    timeoutMs: 100,
    freshMs: 5,
  });
  const service = healthService({
    probe,
    services: [LedgerService],
    drain: drain.signal,
    intervalMs: 10,
  });
  const rpc = connectNodeAdapter({
    interceptors: [drainStreams(drain.signal)],
    routes: (router) => router.service(Health, service),
  });
  const listener = await startListener({ handler: answerHealth(rpc, probe), drain });
  const baseUrl = `http://127.0.0.1:${listener.port}`;
  return { listener, baseUrl, client: createClient(Health, createGrpcTransport({ baseUrl })) };
}

const well: Check = async () => {};
const down: Check = async () => {
  throw new Error("secret detail");
};

test("every service tells its health over HTTP, without a token", async () => {
  const { baseUrl } = await startHealth(well);
  for (const prefix of ["", "/api/auth", "/api/ledger", "/api/payments"]) {
    const response = await fetch(`${baseUrl}${prefix}/_healthcheck?x=1`);
    expect([response.status, await response.json()]).toEqual([200, { database: "OK" }]);
  }
  const head = await fetch(`${baseUrl}/_healthcheck`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-type")]).toEqual([200, null]);
  expect((await fetch(`${baseUrl}/_healthcheck`, { method: "POST" })).status).toBe(404);
});

test("a check that fails, or takes too long, is told without its reasons", async () => {
  for (const database of [down, () => new Promise(() => {})]) {
    const { baseUrl, client } = await startHealth(database);
    const response = await fetch(`${baseUrl}/_healthcheck`);
    expect([response.status, await response.json()]).toEqual([500, { database: "unavailable" }]);
    expect(await client.check({})).toMatchObject({ status: Status.NOT_SERVING });
  }
});

test("however many ask, the checks run once at a time", async () => {
  let runs = 0;
  let finish = () => {};
  const check = () => {
    runs += 1;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const probe = createProbe({ checks: { check }, logger: silentLogger, freshMs: 1 });
  const asked = [probe(), probe(), probe()];
  finish();
  await Promise.all(asked);
  expect(runs).toBe(1);
  await vi.waitFor(() => {
    void probe();
    expect(runs).toBe(2);
  });
});

test("the server and each of its services are known to gRPC's health protocol, others are not", async () => {
  const { client } = await startHealth(well);
  for (const service of ["", "florin.ledger.v1.LedgerService"]) {
    expect(await client.check({ service })).toMatchObject({ status: Status.SERVING });
  }
  const { statuses } = await client.list({});
  expect(Object.keys(statuses)).toEqual(["", "florin.ledger.v1.LedgerService"]);
  await expect(client.check({ service: "other" })).rejects.toMatchObject({ code: Code.NotFound });
});

test("watchers hear of changes, and nothing else", async () => {
  let isDown = false;
  const { client } = await startHealth(() => (isDown ? down() : well()));
  const abort = new AbortController();
  const heard: Status[] = [];
  const watching = (async () => {
    for await (const { status } of client.watch({}, { signal: abort.signal })) heard.push(status);
  })().catch(() => {});
  await vi.waitFor(() => expect(heard).toEqual([Status.SERVING]));
  isDown = true;
  await vi.waitFor(() => expect(heard).toEqual([Status.SERVING, Status.NOT_SERVING]));
  isDown = false;
  await vi.waitFor(() => expect(heard).toHaveLength(3));
  abort.abort();
  await watching;
});

test("a service that is unknown can be watched all the same", async () => {
  const { client } = await startHealth(well);
  const [first] = await Promise.all([
    client.watch({ service: "later" })[Symbol.asyncIterator]().next(),
  ]);
  expect(first.value).toMatchObject({ status: Status.SERVICE_UNKNOWN });
});

test("at drain watchers hear NOT_SERVING, then UNAVAILABLE", async () => {
  const { client, listener } = await startHealth(well);
  const watch = client.watch({})[Symbol.asyncIterator]();
  expect((await watch.next()).value).toMatchObject({ status: Status.SERVING });
  const closed = listener.close(10_000);
  expect((await watch.next()).value).toMatchObject({ status: Status.NOT_SERVING });
  const end = await watch.next().catch((error) => ConnectError.from(error));
  expect(end).toMatchObject({ code: Code.Unavailable });
  await closed;
});
