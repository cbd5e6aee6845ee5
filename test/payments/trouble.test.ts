import { pino } from "pino";
import { expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import { fail, ok } from "../../src/lib/result.js";
import { ProviderError } from "../../src/payments/connectors/connector.js";
import type { PaymentsOptions } from "../../src/payments/payments.js";
import { resetConnector, uninstallConnector } from "../../src/payments/removeConnector.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { type FakeTask, fakeConnector, install, paymentsOf } from "./fakeConnector.js";
import { outboxOf, told } from "./support.js";

const tick = (options = {}) =>
  fakeConnector(
    [{ name: "tick", every: 10 }],
    async function* () {
      yield { payments: [told("a")] };
    },
    options,
  );

const forbidden = tick({ parse: () => fail("endpoint is not allowed") });

/** How a connector comes to be one that cannot run: what the process that is started then is given. */
const CAUSES: [what: string, failure: object, error: string, options: Partial<PaymentsOptions>][] =
  [
    [
      "whose configuration no key opens",
      { kind: "config-unreadable", provider: "STRIPE" },
      "the configuration of STRIPE was encrypted with another ENCRYPTION_KEY",
      { encryptionKeys: [Buffer.alloc(32, 8)] },
    ],
    [
      "that the operator no longer allows",
      { kind: "invalid-config", problem: "endpoint is not allowed" },
      "endpoint is not allowed",
      { connectors: [forbidden] },
    ],
    [
      "that this version does not have",
      { kind: "connector-missing", provider: "STRIPE" },
      "this version of Florin has no connector for STRIPE",
      { connectors: [] },
    ],
  ];

/** A database with a connector that has brought something, and whose process has stopped. */
async function leftBehind(): Promise<Db> {
  const db = await testDb();
  const payments = paymentsOf(db, [tick()]);
  await install(payments);
  await eventually(async () => expect(await db("payments")).toHaveLength(1));
  await payments.close();
  return db;
}

test.each(CAUSES)("a connector %s says so, and goes on once that is mended", async (...cause) => {
  const [, , error, options] = cause;
  const db = await leftBehind();
  const broken = paymentsOf(db, [tick()], options);
  const task = () => db("connector_tasks").first();
  await eventually(async () => expect(await task()).toMatchObject({ status: "ACTIVE", error }));
  await broken.close();
  const { fence } = await task();
  paymentsOf(db, [tick()]);
  await eventually(async () => expect(await task()).toMatchObject({ status: "ACTIVE", error: "" }));
  expect((await task()).fence).toBeGreaterThan(fence);
});

test.each(CAUSES)("a connector %s can be uninstalled, and is not reset", async (...cause) => {
  const [, failure, , options] = cause;
  const db = await leftBehind();
  const broken = paymentsOf(db, [tick()], options);
  expect(await resetConnector(broken, "STRIPE")).toEqual({ ok: false, failure });
  expect(await db("payments")).toHaveLength(1);
  expect(await db("connector_tasks")).toHaveLength(1);
  expect(await uninstallConnector(broken, "STRIPE")).toEqual(ok(null));
  for (const table of ["connectors", "connector_tasks", "payments"]) {
    expect(await db(table), table).toEqual([]);
  }
  expect((await outboxOf(db)).at(-1)).toBe("1 CONNECTOR_RESET STRIPE");
});

test("a connector that cannot tidy up behind it is uninstalled all the same", async () => {
  const db = await testDb();
  const payments = paymentsOf(db, [tick({ remove: () => Promise.reject(new Error("no")) })]);
  await install(payments);
  expect(await resetConnector(payments, "STRIPE")).toEqual(ok(null));
  expect(await uninstallConnector(payments, "STRIPE")).toEqual(ok(null));
  expect(await db("connectors")).toEqual([]);
});

test("a connector that is reset by one and uninstalled by another at once is gone", async () => {
  const db = await testDb();
  const other = paymentsOf(db, [tick()]);
  let isReset = false;
  const remove = async () => {
    if (!isReset) expect(await resetConnector(other, "STRIPE")).toEqual(ok(null));
    isReset = true;
  };
  const payments = paymentsOf(db, [tick({ remove })]);
  await install(payments);
  expect(await uninstallConnector(payments, "STRIPE")).toEqual(ok(null));
  expect(await db("connectors")).toEqual([]);
});

test("a connector whose address is none says that there is a fault, and is in no other's way", async () => {
  const db = await testDb();
  const good = tick({ provider: "WISE" });
  const payments = paymentsOf(db, [tick({ http: () => ({ baseUrl: "nonsense" }) }), good]);
  await install(payments);
  await install(payments, "WISE");
  await eventually(async () => {
    expect(await db("connector_tasks").pluck("error")).toContain("internal error: see the log");
    expect(await db("payments").pluck("provider")).toEqual(["WISE"]);
  });
});

/** What a task of one run says of itself after `run`, and what the log says. */
async function errorOf(run: Parameters<typeof fakeConnector>[1], prepare = async (_: Db) => {}) {
  const db = await testDb();
  await prepare(db);
  const lines: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line) => lines.push(line) });
  await install(paymentsOf(db, [fakeConnector([{ name: "once" }], run)], { logger }));
  const { error } = await eventually(async () => {
    const task = await db("connector_tasks").first();
    expect(task.status).toBe("FAILED");
    return task;
  });
  return { db, error, log: lines.join("") };
}

test("a page that cannot be stored tells callers nothing of the database", async () => {
  const { error, log } = await errorOf(
    async function* () {
      yield { payments: [told("secret")] };
    },
    (db) => db.raw("alter table payments add check (reference <> 'secret')"),
  );
  expect(error).toBe("internal error: see the log");
  expect(log).toContain("payments_reference_check");
});

test("a mistake in a connector tells callers nothing of its code", async () => {
  const { error, log } = await errorOf(async function* () {
    yield {};
    (undefined as unknown as { call(): void }).call();
  });
  expect(error).toBe("internal error: see the log");
  expect(log).toContain("TypeError");
});

test("a state of many megabytes is not stored", async () => {
  const { error, db, log } = await errorOf(async function* () {
    yield { payments: [told("a")], state: { text: "x".repeat(2 * 1024 * 1024) } };
  });
  expect(error).toBe("internal error: see the log");
  expect(log).toContain("larger than");
  expect(await db("payments")).toEqual([]);
});

test("an item that cannot be stored is told of, also if a later page fails", async () => {
  const { error, log } = await errorOf(async function* () {
    yield { payments: [told("bad", { amount: -5n })] };
    throw new ProviderError("GET /a: answered 503", { status: 503 });
  });
  const problem = 'payment "bad": its amount is negative: -5';
  expect(error).toBe(`GET /a: answered 503; ${problem}`);
  expect(log).toContain(JSON.stringify(problem));
});

test("an item that cannot be stored is in the log, also if the run is broken off", async () => {
  const db = await testDb();
  const lines: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line) => lines.push(line) });
  const connector = fakeConnector([{ name: "once" }], async function* ({ signal }) {
    yield { problems: ["item 7 means nothing"] };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  const payments = paymentsOf(db, [connector], { logger });
  await install(payments);
  await eventually(() => expect(lines.join("")).toContain("item 7 means nothing"));
});

test("a run that does not care about being broken off keeps nobody", async () => {
  const db = await testDb();
  let runs = 0;
  const deaf = fakeConnector([{ name: "deaf", every: 50 }], async function* () {
    runs++;
    yield {};
    await new Promise(() => {});
  });
  const one = paymentsOf(db, [deaf], { leaseMs: 60_000 });
  await install(one);
  await eventually(() => expect(runs).toBe(1));
  await one.close();
  expect(await db("connector_tasks").pluck("leased_until")).toEqual([null]);
});

test("a task that this version cannot make sense of is kept for one that can", async () => {
  const db = await leftBehind();
  const strange = tick({ taskOf: (() => undefined) as never });
  const broken = paymentsOf(db, [strange]);
  await eventually(async () =>
    expect(await db("connector_tasks").first()).toMatchObject({
      ...{ status: "ACTIVE", error: "internal error: see the log", due_at: expect.anything() },
    }),
  );
  await broken.close();
  await db("connector_tasks").update({ due_at: db.fn.now() });
  paymentsOf(db, [tick()]);
  await eventually(async () =>
    expect(await db("connector_tasks").first()).toMatchObject({ status: "ACTIVE", error: "" }),
  );
});

test("runs that wait for a connector's lock leave the connections to others", async () => {
  const db = await testDb();
  let running = 0;
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const names = Array.from({ length: 20 }, (_, index): FakeTask => ({ name: `${index}` }));
  const connector = fakeConnector(
    names,
    async function* ({ descriptor }) {
      running++;
      await gate;
      yield { payments: [told(descriptor.name)] };
    },
    { maxTasks: 20 },
  );
  await install(paymentsOf(db, [connector]));
  await eventually(() => expect(running).toBe(20));
  const holder = await db.transaction();
  await holder("connectors").forUpdate();
  go();
  await eventually(async () => {
    const { rows } = await db.raw(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    expect(rows).not.toEqual([]);
  });
  expect(db.client.pool.numUsed()).toBeLessThan(5);
  await holder.commit();
  await eventually(async () => expect(await db("payments")).toHaveLength(20));
});
