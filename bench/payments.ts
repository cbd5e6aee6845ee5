// How fast payments come in from a provider that is never the bottleneck, and how long reading them takes then: 100,000,
// unless told otherwise. Prints a table.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { openDatabase } from "../src/db/database.js";
import { startEmbedded } from "../src/db/embedded/startEmbedded.js";
import { migrate } from "../src/db/migrate.js";
import type { Json, JsonObject } from "../src/lib/parseJson.js";
import { printJson } from "../src/lib/printJson.js";
import { ok } from "../src/lib/result.js";
import { systemClock } from "../src/lib/time.js";
import type { Connector, Descriptor } from "../src/payments/connectors/connector.js";
import type { Told } from "../src/payments/domain/payment.js";
import { installConnector } from "../src/payments/installConnector.js";
import { createPayments } from "../src/payments/payments.js";
import { load } from "./load.js";
import { newDataDir, startServer } from "./server.js";

const PAYMENTS = Number(process.env["BENCH_PAYMENTS"] ?? 100_000);
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 3);
const PAGE = 1000;

/** A provider of PAYMENTS payments, in pages; some change when they are told again. */
const provider = createServer((request, response) => {
  const page = Number(request.url?.slice(1));
  const payments = Array.from({ length: PAGE }, (_, index) => {
    const number = page * PAGE + index;
    return {
      ...{ id: `payment-${number}`, amount: (number * 7919) % 100_000, currency: "EUR" },
      ...{ state: number % 3 === 0 ? "booked" : "pending", date: 1_688_990_400 + number },
      ...{ payer: `Payer ${number % 500}`, note: "as the provider has it, with a few words more" },
    };
  });
  response.setHeader("content-type", "application/json").end(JSON.stringify(payments));
});
provider.listen(0, "127.0.0.1");
await once(provider, "listening");
const { port: providerPort } = provider.address() as AddressInfo;

const at = (json: JsonObject, key: string) => json.get(key) as { token: string } & string;

const toPayment = (json: Json): Told => {
  const object = json as JsonObject;
  return {
    reference: at(object, "id"),
    amount: BigInt(at(object, "amount").token),
    createdAt: BigInt(at(object, "date").token) * 1_000_000n,
    status: at(object, "state") === "booked" ? "SUCCEEDED" : "PENDING",
    ...{ type: "PAY-IN", scheme: "other", asset: "EUR/2" },
    raw: printJson(json),
  };
};

/** Until it is asked again. */
let restMs = 1;

const connector: Connector<object, Descriptor> = {
  provider: "WISE",
  fields: [],
  parse: () => ok({}),
  maxTasks: 10,
  http: () => ({ baseUrl: `http://127.0.0.1:${providerPort}`, perSecond: 1000 }),
  first: () => [{ name: "all" }],
  taskOf: () => ({
    every: () => restMs,
    async *run({ http }) {
      for (let page = 0; page < PAYMENTS / PAGE; page++) {
        const { value } = await http.json({ path: `/${page}` });
        yield { payments: (value as Json[]).map(toPayment), state: { page } };
      }
    },
  }),
};

const dataDir = await newDataDir();
const logger = pino({ level: "warn" });
const database = await startEmbedded({ dataDir, logger });
const db = openDatabase({ url: database.url, poolSize: 4 });
await migrate(db);
const payments = createPayments({
  ...{
    db,
    logger,
    clock: systemClock,
    connectors: [connector],
    hasSinks: true,
    showsSecrets: false,
  },
  encryptionKeys: [Buffer.alloc(32)],
  settingsOf: () => ({ apiUrl: null, filesRoot: "/nowhere" }),
});

/** Payments in a second, of one whole run. */
async function run(): Promise<number> {
  const endOf = async () => (await db("connector_tasks").first())?.fence ?? 0n;
  const before: bigint = await endOf();
  const startedAt = performance.now();
  payments.runtime.wake();
  // A claim and its end each count one.
  while ((await endOf()) < before + 2n) {
    await sleep(10);
  }
  return PAYMENTS / ((performance.now() - startedAt) / 1000);
}

await installConnector(payments, "WISE", {});
console.log(`new: ${Math.round(await run())} payments/s`);
// The server that is started below knows another provider by this name, and must not ask it.
restMs = 3_600_000;
console.log(`unchanged: ${Math.round(await run())} payments/s`);
await payments.close();
await db.raw("analyze payments");

const server = await startServer({ dataDir });
const { http, port } = server;
const first = await fetch(`http://127.0.0.1:${port}/api/payments/payments?pageSize=100`, {
  headers: { authorization: `Bearer ${server.token}` },
});
const { cursor } = (await first.json()) as { cursor: { next: string; data: { id: string }[] } };
const reads = {
  newest: "/payments",
  "newest, 100": "/payments?pageSize=100",
  "the next page": `/payments?cursor=${cursor.next}`,
  "one payment": `/payments/${cursor.data[50]?.id}`,
  ...Object.fromEntries(
    [
      "date",
      "status",
      "type",
      "scheme",
      "asset",
      "amount",
      "initialAmount",
      "reference",
      "provider",
    ].map((column) => [`by ${column}`, `/payments?sort=${column}:asc`]),
  ),
  "by status, then date": "/payments?sort=status:desc&sort=date:asc",
};
const table: Record<string, object> = {};
for (const [name, path] of Object.entries(reads)) {
  const request = () => http("GET", `/api/payments${path}`);
  const { p50, p95, failed } = await load({ port, connections: 1, seconds: SECONDS, request });
  table[name] = { "p50 ms": Number(p50.toFixed(2)), "p95 ms": Number(p95.toFixed(2)), failed };
}
console.table(table);
await db.destroy();
await database.stop();
await server.stop();
provider.close();
provider.closeAllConnections();
