import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { loadConfig } from "../../src/config.js";
import { startTracing } from "../../src/tracing/startTracing.js";
import { startTestApp } from "../support/app.js";
import { testDatabaseUrl } from "../support/database.js";
import { keptLogger } from "../support/evidence.js";
import { testLog } from "../support/log.js";
import { newDataDir, startProcess } from "../support/process.js";
import { startSpanReceiver } from "../support/spanReceiver.js";

vi.setConfig({ testTimeout: 60_000 });

const CERTIFICATE = "test/support/tls/first.crt";
const KEY = "test/support/tls/first.key";

const startTlsReceiver = () =>
  startSpanReceiver((response) => response.end(), {
    cert: readFileSync(CERTIFICATE, "utf8"),
    key: readFileSync(KEY, "utf8"),
  });

const call = async ({ url }: { readonly url: string }) =>
  void (await fetch(`${url}/api/ledger/_info`));

test("a receiver whose authority the whole process trusts gets spans over TLS", async () => {
  const receiver = await startTlsReceiver();
  const server = await startProcess({
    env: {
      DATABASE_URL: await testDatabaseUrl(),
      DATA_DIR: await newDataDir(),
      ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      PORT: "0",
      NODE_EXTRA_CA_CERTS: CERTIFICATE,
      ...receiver.variables,
    },
  });
  await call(server);
  await receiver.wait(({ kind }) => kind === 2);
});

test("a receiver whose authority a variable names gets spans over TLS", async () => {
  const receiver = await startTlsReceiver();
  const variables = { ...receiver.variables, OTEL_EXPORTER_OTLP_CERTIFICATE: CERTIFICATE };
  await call(await startTestApp(variables));
  await receiver.wait(({ kind }) => kind === 2);
});

test("a receiver that nobody vouches for gets nothing, and the log says why", async () => {
  const [receiver, log] = [await startTlsReceiver(), testLog()];
  const variables = { ...receiver.variables, OTEL_EXPORTER_OTLP_TIMEOUT: "50" };
  await call(await startTestApp(variables, log.logger));
  const [line] = await log.lines("spans cannot be exported", 1);
  expect(line?.["reason"]).toMatch(/certificate/);
  expect(receiver.requests).toEqual([]);
});

test.each([
  { OTEL_EXPORTER_OTLP_CERTIFICATE: "package.json" },
  { OTEL_EXPORTER_OTLP_CLIENT_KEY: CERTIFICATE },
  {
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CERTIFICATE,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: "test/support/tls/second.key",
  },
  { OTEL_EXPORTER_OTLP_CERTIFICATE: "/nowhere" },
])("with %o there is no start", async (files) => {
  const { tracing } = loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://127.0.0.1:1", ...files });
  if (tracing === null) throw new Error("traces are asked for");
  const started = startTracing(tracing, { version: "v1", logger: keptLogger() });
  await expect(started).rejects.toThrow(/^(a file|the files) that OTEL_EXPORTER_OTLP_\* names? /);
});
