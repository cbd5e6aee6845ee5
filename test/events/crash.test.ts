import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import { expectSound } from "../ledger/support.js";
import { testDatabaseUrl } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { newDataDir, startProcess } from "../support/process.js";
import { startReceiver } from "../support/receiver.js";

const pay = async (url: string): Promise<void> => {
  const posting = { source: "world", destination: "users:1", asset: "COIN", amount: 1 };
  const response = await fetch(`${url}/api/ledger/main/transactions`, {
    method: "POST",
    body: JSON.stringify({ postings: [posting] }),
  });
  expect(response.ok).toBe(true);
};

test("after kill -9 another process goes on within half a minute, and nothing is missing", async () => {
  const databaseUrl = await testDatabaseUrl();
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  onTestFinished(async () => {
    await expectSound(db);
    await db.destroy();
  });
  const arrived: unknown[] = [];
  // From its third on, the first process has no answers.
  const silent = await startReceiver((response, count) => {
    arrived.push(silent.deliveries.at(-1)?.headers["webhook-id"]);
    if (count < 3) response.end();
  });
  const willing = await startReceiver((response) => {
    arrived.push(willing.deliveries.at(-1)?.headers["webhook-id"]);
    response.end();
  });
  const env = {
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    DATA_DIR: await newDataDir(),
    PORT: "0",
    AUTH_ENABLED: "false",
    EVENTS_HTTP_SECRET: "a secret that signs events",
  };
  const [first, second] = await Promise.all([
    startProcess({ env: { ...env, EVENTS_HTTP_URL: silent.url } }),
    startProcess({ env: { ...env, EVENTS_HTTP_URL: willing.url } }),
  ]);

  let paid = 0;
  for (; silent.deliveries.length < 3; paid++) await pay(first.url);
  await first.end("SIGKILL");
  await pay(second.url);

  const expected = Array.from(
    { length: paid + 1 },
    (_, log) => `main:${log}:COMMITTED_TRANSACTIONS`,
  );
  await eventually(() => expect([...new Set(arrived)]).toEqual(expected), 30_000);
  expect(await second.end("SIGTERM")).toBe(0);
}, 120_000);
