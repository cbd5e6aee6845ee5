import { once } from "node:events";
import { createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/app.js";
import { testLog } from "../support/log.js";
import { startSpanReceiver } from "../support/spanReceiver.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparentWith = (flags: string) => `00-${TRACE}-00f067aa0ba902b7-${flags}`;
const ofTrace = ({ traceId }: { traceId: string }) => traceId === TRACE;

/** Calls once, within a trace. */
async function call({ url }: TestApp, flags = "01"): Promise<number> {
  const headers = { traceparent: traceparentWith(flags) };
  return (await fetch(`${url}/api/ledger/_info`, { headers })).status;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("spans go where the variables say, as they say", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp({
    ...receiver.variables,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/own/path?tenant=7`,
    OTEL_EXPORTER_OTLP_HEADERS: "x-general=1",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "api-key=a%2Cb, x-other=2",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_SERVICE_NAME: "money",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=other,deployment.environment.name=blue%20green",
  });
  await call(app);
  const [span] = await receiver.wait(ofTrace);
  expect(span?.resource).toMatchObject({
    "service.name": "money",
    "deployment.environment.name": "blue green",
    "telemetry.sdk.language": "nodejs",
  });
  const [request] = receiver.requests;
  expect(request).toMatchObject({
    path: "/own/path?tenant=7",
    headers: {
      "api-key": "a,b",
      "x-other": "2",
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
    },
  });
  expect(request?.headers).not.toHaveProperty("x-general");
});

test("what a caller does not sample is not recorded, unless the sampler says so", async () => {
  const receiver = await startSpanReceiver();
  const modest = await startTestApp(receiver.variables);
  const eager = await startTestApp({ ...receiver.variables, OTEL_TRACES_SAMPLER: "always_on" });
  const off = await startTestApp({ ...receiver.variables, OTEL_TRACES_SAMPLER: "always_off" });
  for (const app of [modest, off]) await call(app, "00");
  await call(off, "01");
  await modest.stop();
  await off.stop();
  expect(receiver.spans).toEqual([]);
  await call(eager, "00");
  await receiver.wait(ofTrace);
});

test("where nothing is propagated, callers name no traces", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp({ ...receiver.variables, OTEL_PROPAGATORS: "none" });
  await call(app);
  const [span] = await receiver.wait(({ kind }) => kind === 2);
  expect([span?.traceId === TRACE, span?.parentSpanId]).toEqual([false, ""]);
});

test("a receiver that is away costs one warning; calls and the stop go on", async () => {
  const log = testLog();
  const app = await startTestApp(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "50",
      OTEL_BSP_SCHEDULE_DELAY: "10",
    },
    log.logger,
  );
  expect(await call(app)).toBe(401);
  const [line] = await log.lines("spans cannot be exported", 1);
  expect(line?.["reason"]).toContain("ECONNREFUSED");
  expect(await call(app)).toBe(401);
  await app.stop();
  await log.lines("spans cannot be exported", 1);
});

test("a receiver that never answers holds up neither calls nor the stop", async () => {
  const receiver = await startSpanReceiver(() => {});
  const log = testLog();
  const app = await startTestApp(receiver.variables, log.logger);
  for (let calls = 0; calls < 5; calls++) expect(await call(app)).toBe(401);
  await expect.poll(receiver.connections).toBeGreaterThan(0);
  expect(await call(app)).toBe(401);
  const since = performance.now();
  await app.stop();
  // The receiver's own time is 10 s.
  expect(performance.now() - since).toBeLessThan(8_000);
  await log.lines("spans cannot be exported", 1);
});

test("a stop does not fail where the time for an export is shorter than its own", async () => {
  const receiver = await startSpanReceiver(() => {});
  const log = testLog();
  const app = await startTestApp(
    { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_EXPORT_TIMEOUT: "50" },
    log.logger,
  );
  await call(app);
  await app.stop();
  await log.lines("spans cannot be exported", 1);
});

test("what a busy receiver does not take at once is sent again", async () => {
  const receiver = await startSpanReceiver((response, count) => {
    response.statusCode = count === 1 ? 503 : 200;
    response.end();
  });
  const log = testLog();
  const app = await startTestApp(receiver.variables, log.logger);
  await call(app);
  await receiver.wait(ofTrace, 2);
  await app.stop();
  expect(log.text()).not.toContain("spans cannot be exported");
});

test("what a receiver refuses is not sent again, and the log says how much was lost", async () => {
  const receiver = await startSpanReceiver((response, count) => {
    response.statusCode = count === 1 ? 400 : 200;
    response.end();
  });
  const log = testLog();
  const app = await startTestApp(receiver.variables, log.logger);
  await call(app);
  const [line] = await log.lines("spans cannot be exported", 1);
  expect(line).toMatchObject({ reason: "answered 400", to: receiver.url });
  await call(app);
  const [again] = await log.lines("spans are exported again", 1);
  expect(again).toMatchObject({ lost: 1 });
  expect(receiver.spans.filter(ofTrace)).toHaveLength(2);
});

test("a stop sends what is left", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  await call(app);
  await app.stop();
  expect(receiver.spans.filter(ofTrace)).toHaveLength(1);
  expect(receiver.requests.map(({ path }) => path)).toEqual(["/v1/traces"]);
});
