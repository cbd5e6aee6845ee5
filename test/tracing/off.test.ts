import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { startTestApp } from "../support/app.js";
import { testDatabaseUrl } from "../support/database.js";
import { freshFolder } from "../support/freshFolder.js";
import { testLog } from "../support/log.js";
import { startSpanReceiver } from "../support/spanReceiver.js";

vi.setConfig({ testTimeout: 60_000 });

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

test("without traces there is no connection, and no trace in the log", async () => {
  const receiver = await startSpanReceiver();
  const log = testLog();
  const variables = { ...receiver.variables, OTEL_SDK_DISABLED: "True" };
  const app = await startTestApp(variables, log.logger);
  const headers = { authorization: `Bearer ${await app.token()}`, traceparent };
  const { status } = await fetch(`${app.url}/api/ledger/main/accounts/a`, { headers });
  expect(status).toBe(200);
  for (const line of await log.lines("request", 2)) expect(line).not.toHaveProperty("trace_id");
  await app.stop();
  expect(receiver.connections()).toBe(0);
});

/** Starts a server, prints whether that has loaded the SDK, and stops it. */
const PROGRAM = `
  const { createRequire } = await import("node:module");
  const { serve } = await import("./src/serve.ts");
  await serve();
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  console.log("SDK:", loaded.some((path) => path.includes("@opentelemetry/sdk-trace")));
  process.kill(process.pid, "SIGTERM");
`;

test.each([
  [false, {}],
  [true, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }],
])("the SDK is loaded by those alone who want traces: %s", async (isLoaded, variables) => {
  const env = {
    ...process.env,
    ...{ PORT: "0", DATABASE_URL: await testDatabaseUrl(), DATA_DIR: await freshFolder() },
    ...{ ENCRYPTION_KEY: randomBytes(32).toString("base64"), LOG_LEVEL: "silent" },
    ...variables,
  };
  const args = ["--import", "tsx", "--input-type=module", "--eval", PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toContain(`SDK: ${isLoaded}\n`);
});
