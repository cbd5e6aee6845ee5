import { expect, test, vi } from "vitest";
import type { Db } from "../../src/db/database.js";
import { eventually } from "../support/eventually.js";
import { freeLeases } from "../support/freeLeases.js";
import { freshFolder } from "../support/freshFolder.js";
import { putFile, READS_ONLY } from "./paymentsApp.js";
import { paymentsProcesses } from "./processes.js";

vi.setConfig({ testTimeout: 180_000 });

const FILES = 300;
const CHANGED = 40;
const nameOf = (index: number): string => String(index).padStart(3, "0");

/** Several processes on one database, all with the same files, and who hears of their events. */
async function stage() {
  const root = await freshFolder();
  const processes = await paymentsProcesses({ DUMMY_PAY_ROOT: root });
  for (let index = 0; index < FILES; index++) await putFile(root, nameOf(index));
  return { ...processes, root };
}

const countIn = async (db: Db): Promise<number> => (await db("payments")).length;

const reach = (db: Db, count: number) =>
  eventually(async () => expect(await countIn(db)).toBeGreaterThanOrEqual(count), 60_000);

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
  await eventually(() => {
    const heard = new Set(receiver.deliveries.map(({ headers }) => headers["webhook-id"]));
    expect(heard.size).toBe(Number(events));
  }, 60_000);
}

const finish = (on: Awaited<ReturnType<typeof stage>>) =>
  eventually(async () => {
    expect(await countIn(on.db)).toBe(FILES);
    expect(await on.db("payments").where({ status: "SUCCEEDED" })).toHaveLength(CHANGED);
  }, 90_000);

test("kill -9 while payments come in loses none, doubles none and tells each change once", async () => {
  const on = await stage();
  const { db, root, start } = on;
  const first = await start();
  expect((await first.call("POST", "/connectors/DUMMY-PAY", READS_ONLY)).status).toBe(204);
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
});

test("of two processes, one goes on when the other is killed", async () => {
  const on = await stage();
  const { db, root, start } = on;
  const [one] = await Promise.all([start(), start()]);
  expect((await one.call("POST", "/connectors/DUMMY-PAY", READS_ONLY)).status).toBe(204);
  await reach(db, 50);
  await one.end("SIGKILL");
  for (let index = 0; index < CHANGED; index++) {
    await putFile(root, nameOf(index), { status: "SUCCEEDED", amount: 70 });
  }
  await finish(on);
  await expectExact(on);
});
