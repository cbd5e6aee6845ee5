import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { type Db, openDatabase } from "../../src/db/database.js";
import { logIn } from "../auth/startAuth.js";
import { testDatabaseUrl } from "../support/database.js";
import { freeLeases } from "../support/freeLeases.js";
import { freshFolder } from "../support/freshFolder.js";
import { CREDENTIALS, newDataDir, startProcess } from "../support/process.js";
import { startReceiver } from "../support/receiver.js";
import { callWith, putFile, READS_ONLY } from "./paymentsApp.js";

vi.setConfig({ testTimeout: 180_000 });

const FILES = 300;
const CHANGED = 40;
const nameOf = (index: number): string => String(index).padStart(3, "0");

/** Several processes on one database, all with the same files, and who hears of their events. */
async function stage() {
  const databaseUrl = await testDatabaseUrl();
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  const [root, receiver] = [await freshFolder(), await startReceiver()];
  const env = {
    ...{ DATABASE_URL: databaseUrl, PORT: "0", DATABASE_POOL_SIZE: "5", DUMMY_PAY_ROOT: root },
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_ID: CREDENTIALS.client_id,
    BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.client_secret,
    EVENTS_HTTP_URL: receiver.url,
    EVENTS_HTTP_SECRET: "x".repeat(24),
  };
  const start = async () => startProcess({ env: { ...env, DATA_DIR: await newDataDir() } });
  for (let index = 0; index < FILES; index++) await putFile(root, nameOf(index));
  return { db, root, receiver, start };
}

const countIn = async (db: Db): Promise<number> => (await db("payments")).length;

const reach = (db: Db, count: number) =>
  vi.waitFor(async () => expect(await countIn(db)).toBeGreaterThanOrEqual(count), {
    ...{ timeout: 60_000, interval: 20 },
  });

/** That each file is one payment, changed ones with one adjustment, and that each change was told once. */
async function expectExact({ db, receiver }: Awaited<ReturnType<typeof stage>>): Promise<void> {
  const ids = (await db("payments").orderBy("reference")).map(({ reference, status, amount }) =>
    [reference, status, amount].join(),
  );
  expect(ids).toEqual(
    Array.from({ length: FILES }, (_, index) =>
      [nameOf(index), index < CHANGED ? "SUCCEEDED" : "PENDING", index < CHANGED ? 70 : 100].join(),
    ),
  );
  expect(await db("payment_adjustments")).toHaveLength(
    (await db("payments").whereRaw("initial_amount <> amount")).length,
  );
  const [{ next_event: events }] = await db("payments_head");
  expect(Number(events)).toBe(FILES + (await db("payment_adjustments")).length);
  await vi.waitFor(
    () => {
      const heard = new Set(receiver.deliveries.map(({ headers }) => headers["webhook-id"]));
      expect(heard.size).toBe(Number(events));
    },
    { timeout: 60_000, interval: 100 },
  );
}

const finish = (on: Awaited<ReturnType<typeof stage>>) =>
  vi.waitFor(
    async () => {
      expect(await countIn(on.db)).toBe(FILES);
      expect(await on.db("payments").where({ status: "SUCCEEDED" })).toHaveLength(CHANGED);
    },
    { timeout: 90_000, interval: 100 },
  );

test("kill -9 while payments come in loses none, doubles none and tells each change once", async () => {
  const on = await stage();
  const { db, root, start } = on;
  const first = await start();
  const call = callWith(first.url, await logIn(`${first.url}/api/auth`, CREDENTIALS));
  expect((await call("POST", "/connectors/DUMMY-PAY", READS_ONLY)).status).toBe(204);
  await reach(db, 50);
  await first.end("SIGKILL");
  await freeLeases(db);
  expect(await countIn(db)).toBeLessThan(FILES);
  for (let index = 0; index < CHANGED; index++) {
    await putFile(root, nameOf(index), { status: "SUCCEEDED", amount: 70 });
  }
  await start();
  await finish(on);
  await expectExact(on);
  await db.destroy();
});

test("of two processes, one goes on when the other is killed", async () => {
  const on = await stage();
  const { db, root, start } = on;
  const [one] = await Promise.all([start(), start()]);
  const call = callWith(one.url, await logIn(`${one.url}/api/auth`, CREDENTIALS));
  expect((await call("POST", "/connectors/DUMMY-PAY", READS_ONLY)).status).toBe(204);
  await reach(db, 50);
  await one.end("SIGKILL");
  for (let index = 0; index < CHANGED; index++) {
    await putFile(root, nameOf(index), { status: "SUCCEEDED", amount: 70 });
  }
  await finish(on);
  await expectExact(on);
  await db.destroy();
});
