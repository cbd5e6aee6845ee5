import { expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import { ProviderError } from "../../src/payments/connectors/connector.js";
import { resetConnector, uninstallConnector } from "../../src/payments/removeConnector.js";
import { claimTasks } from "../../src/payments/store/leases.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { type Context, fakeConnector, install, paymentsOf } from "./fakeConnector.js";
import { outboxOf, told } from "./support.js";

const referencesIn = (db: Db): Promise<string[]> =>
  db("payments").orderBy("reference").pluck("reference");

const tasksIn = (db: Db) =>
  db("connector_tasks")
    .select("descriptor", "status", "error", "state")
    .orderBy(["created_at", "descriptor"]);

test("a task that runs once is done, page by page, and terminated", async () => {
  const db = await testDb();
  const connector = fakeConnector([{ name: "once" }], async function* () {
    for (const page of [1, 2, 3]) yield { payments: [told(`p${page}`)], state: { page } };
  });
  await install(paymentsOf(db, [connector]));
  await eventually(async () =>
    expect(await tasksIn(db)).toEqual([
      { descriptor: '{"name":"once"}', status: "TERMINATED", error: "", state: '{"page":3}' },
    ]),
  );
  expect(await referencesIn(db)).toEqual(["p1", "p2", "p3"]);
});

test("a task with a period runs again and again, from where it was", async () => {
  const db = await testDb();
  const connector = fakeConnector([{ name: "tick", every: 50 }], async function* ({ state }) {
    const at = ((state as { at?: number } | undefined)?.at ?? 0) + 1;
    yield { payments: [told(`p${at}`)], state: { at } };
  });
  await install(paymentsOf(db, [connector]));
  await eventually(async () => expect(await referencesIn(db)).toEqual(["p1", "p2", "p3", "p4"]));
  expect(await tasksIn(db)).toMatchObject([{ status: "ACTIVE", error: "" }]);
});

test("spawned tasks run, and again when they are spawned again", async () => {
  const db = await testDb();
  let runs = 0;
  const connector = fakeConnector([{ name: "main", every: 50 }], async function* ({ descriptor }) {
    if (descriptor.name === "main") yield { spawn: [{ name: "child" }, { name: "child" }] };
    else runs++;
  });
  await install(paymentsOf(db, [connector]));
  await eventually(() => expect(runs).toBeGreaterThan(2));
  expect(await tasksIn(db)).toHaveLength(2);
});

test("no more tasks of a connector run at a time than it bears; the others are pending", async () => {
  const db = await testDb();
  let running = 0;
  let most = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const names = ["a", "b", "c", "d", "e"].map((name) => ({ name }));
  const connector = fakeConnector(
    names,
    async function* () {
      most = Math.max(most, ++running);
      await released;
      running--;
      yield {};
    },
    { maxTasks: 2 },
  );
  await install(paymentsOf(db, [connector]));
  paymentsOf(db, [connector]);
  await eventually(async () => {
    const statuses = (await tasksIn(db)).map(({ status }) => status);
    expect(statuses.sort()).toEqual(["ACTIVE", "ACTIVE", "PENDING", "PENDING", "PENDING"]);
  });
  release();
  await eventually(async () =>
    expect(await db("connector_tasks").where({ status: "TERMINATED" })).toHaveLength(5),
  );
  expect(most).toBe(2);
});

test("an error is written down, and the loop goes on", async () => {
  const db = await testDb();
  let isDown = true;
  const connector = fakeConnector([{ name: "tick", every: 60 }], async function* () {
    yield { payments: [told("early")] };
    if (isDown) throw new Error("the provider is down");
    yield { payments: [told("late")] };
  });
  await install(paymentsOf(db, [connector]));
  await eventually(async () =>
    expect(await tasksIn(db)).toMatchObject([{ status: "ACTIVE", error: "the provider is down" }]),
  );
  expect(await referencesIn(db)).toEqual(["early"]);
  isDown = false;
  await eventually(async () =>
    expect(await tasksIn(db)).toMatchObject([{ status: "ACTIVE", error: "" }]),
  );
  expect(await referencesIn(db)).toEqual(["early", "late"]);
});

test("a task that runs once and cannot has failed, until it is spawned again", async () => {
  const db = await testDb();
  let isBad = true;
  const connector = fakeConnector([{ name: "main", every: 300 }], async function* ({ descriptor }) {
    if (descriptor.name === "main") yield { spawn: [{ name: "child" }] };
    else if (isBad) throw new Error("no such thing");
  });
  await install(paymentsOf(db, [connector]));
  await eventually(async () =>
    expect(await tasksIn(db)).toMatchObject([{}, { status: "FAILED", error: "no such thing" }]),
  );
  isBad = false;
  await eventually(async () =>
    expect(await tasksIn(db)).toMatchObject([{}, { status: "TERMINATED", error: "" }]),
  );
});

test("items that cannot be stored show in the error of their task", async () => {
  const db = await testDb();
  const page = { payments: [told("good"), told("bad", { amount: -5n })] };
  const connector = fakeConnector(
    [{ name: "once" }, { name: "tick", every: 60_000 }],
    async function* () {
      yield page;
    },
  );
  await install(paymentsOf(db, [connector]));
  const error = 'payment "bad": its amount is negative: -5';
  await eventually(async () =>
    expect(await tasksIn(db)).toMatchObject([
      { status: "FAILED", error },
      { status: "ACTIVE", error },
    ]),
  );
  expect(await referencesIn(db)).toEqual(["good"]);
});

test("who is refused by the provider does not ask again before the period is over", async () => {
  const db = await testDb();
  let runs = 0;
  const connector = fakeConnector([{ name: "tick", every: 600_000 }], async function* () {
    runs++;
    yield {};
    throw new ProviderError("GET /a: answered 401", { status: 401 });
  });
  await install(paymentsOf(db, [connector]));
  await eventually(async () =>
    expect(await tasksIn(db)).toMatchObject([{ error: "GET /a: answered 401" }]),
  );
  const { rows } = await db.raw(
    "select extract(epoch from due_at - now())::float8 as wait from connector_tasks",
  );
  expect(rows[0].wait).toBeGreaterThan(500);
  expect(runs).toBe(1);
});

test("who is asked to stay away for an hour does, however short the period", async () => {
  const db = await testDb();
  const connector = fakeConnector([{ name: "tick", every: 60 }], async function* () {
    yield {};
    const retryAfterMs = 3_600_000;
    throw new ProviderError("GET /a: answered 429", { status: 429, retryAfterMs });
  });
  await install(paymentsOf(db, [connector]));
  await eventually(async () => expect((await db("connector_tasks").first()).failures).toBe(1));
  const { rows } = await db.raw(
    "select extract(epoch from due_at - now())::float8 as wait from connector_tasks",
  );
  expect(rows[0].wait).toBeGreaterThan(3500);
});

test("after a passing fault it waits longer each time, but never longer than the period", async () => {
  const db = await testDb();
  const connector = fakeConnector([{ name: "tick", every: 600_000 }], async function* () {
    yield {};
    throw new ProviderError("GET /a: answered 503", { status: 503 });
  });
  await install(paymentsOf(db, [connector]));
  const waits: number[] = [];
  for (const failures of [1, 2, 3, 12]) {
    if (failures === 12) await db("connector_tasks").update({ failures: 11 });
    await db("connector_tasks").where("failures", ">", 0).update({ due_at: db.fn.now() });
    const row = await eventually(async () => {
      const { rows } = await db.raw(
        "select extract(epoch from due_at - updated_at)::float8 as wait, extract(epoch from due_at - now())::float8 as rest, failures from connector_tasks",
      );
      expect(rows[0].failures).toBe(failures);
      return rows[0];
    });
    waits.push(row.rest);
  }
  expect(waits[0]).toBeLessThan(1.1);
  expect(waits[2]).toBeGreaterThan(2);
  expect(waits[2]).toBeLessThan(4.3);
  expect(waits[3]).toBeGreaterThan(550);
  expect(waits[3]).toBeLessThan(631);
});

/** A run that says when it has begun, and goes on when it is broken off. */
function endless() {
  const runs: Context[] = [];
  const connector = fakeConnector([{ name: "endless", every: 50 }], async function* (context) {
    runs.push(context);
    yield { payments: [told(`run${runs.length}`)] };
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
    yield { payments: [told("too late")] };
  });
  return { runs, connector };
}

test("what is about to be removed is not begun again meanwhile", async () => {
  const db = await testDb();
  let runs = 0;
  let claims: readonly unknown[] | null = null;
  const connector = fakeConnector(
    [{ name: "long", every: 50 }],
    async function* ({ signal }) {
      runs++;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    {
      async remove() {
        const [id] = await db("connectors").pluck("id");
        claims ??= await claimTasks(db, id, { maxTasks: 10, leaseMs: 1000 });
      },
    },
  );
  const payments = paymentsOf(db, [connector]);
  await install(payments);
  await eventually(() => expect(runs).toBe(1));
  await uninstallConnector(payments, "STRIPE");
  expect(claims).toEqual([]);
});

test("a process that stops lets another one go on at once", async () => {
  const db = await testDb();
  const { runs, connector } = endless();
  const one = paymentsOf(db, [connector], { leaseMs: 60_000 });
  await install(one);
  await eventually(async () => expect(await referencesIn(db)).toEqual(["run1"]));
  paymentsOf(db, [connector], { leaseMs: 60_000 });
  await one.close();
  await eventually(async () => expect(await referencesIn(db)).toEqual(["run1", "run2"]));
  expect(runs).toHaveLength(2);
});

test("a process that died is followed by another one when its lease is over", async () => {
  const db = await testDb();
  const { runs, connector } = endless();
  const one = paymentsOf(db, [connector], { leaseMs: 60_000 });
  await install(one);
  await eventually(() => expect(runs).toHaveLength(1));
  paymentsOf(db, [connector], { leaseMs: 60_000 });
  await db("connector_tasks").update({ leased_until: db.raw("now() - interval '1 ms'") });
  await eventually(async () => expect(await referencesIn(db)).toEqual(["run1", "run2"]));
  // The one that came back to life finds its lease gone.
  await eventually(() => expect(runs[0]?.signal.aborted).toBe(true));
  expect(runs[1]?.signal.aborted).toBe(false);
  expect(await referencesIn(db)).toEqual(["run1", "run2"]);
});

test("a lease is kept for as long as the run goes on", async () => {
  const db = await testDb();
  const { runs, connector } = endless();
  await install(paymentsOf(db, [connector], { leaseMs: 300 }));
  paymentsOf(db, [connector], { leaseMs: 300 });
  const leases = new Set<bigint>();
  await eventually(async () => {
    leases.add((await db("connector_tasks").first()).leased_until);
    expect(leases.size).toBeGreaterThan(8);
  });
  expect(runs).toHaveLength(1);
});

test("two processes do each period's work once", async () => {
  const db = await testDb();
  let runs = 0;
  const connector = fakeConnector([{ name: "tick", every: 40 }], async function* () {
    runs++;
    yield { payments: [told(`run${runs}`)] };
  });
  await install(paymentsOf(db, [connector], { pollMs: 5 }));
  paymentsOf(db, [connector], { pollMs: 5 });
  await eventually(() => expect(runs).toBeGreaterThan(20));
  const { rows } = await db.raw(
    "select extract(epoch from (max(created_at) - min(created_at)))::float8 as seconds, count(*)::int as count from payments",
  );
  expect(rows[0].count / rows[0].seconds).toBeLessThan(26);
});

test.each(["uninstalled", "reset"])(
  "a connector that is %s in another process brings nothing more",
  async (how) => {
    const db = await testDb();
    const { runs, connector } = endless();
    const one = paymentsOf(db, [connector]);
    await install(one);
    await eventually(async () => expect(await referencesIn(db)).toEqual(["run1"]));
    const other = paymentsOf(db, [fakeConnector([], async function* () {})]);
    const remove = how === "reset" ? resetConnector : uninstallConnector;
    expect(await remove(other, "STRIPE")).toMatchObject({ ok: true });
    expect(await referencesIn(db)).toEqual([]);
    expect(await db("connectors")).toHaveLength(how === "reset" ? 1 : 0);
    await eventually(() => expect(runs[0]?.signal.aborted).toBe(true));
    await one.close();
    expect(await referencesIn(db)).toEqual([]);
    expect((await outboxOf(db)).at(-1)).toBe("1 CONNECTOR_RESET STRIPE");
  },
);

test("one connector's trouble is not another's", async () => {
  const db = await testDb();
  const broken = fakeConnector([{ name: "a", every: 10 }], async function* () {
    yield await Promise.reject(new Error("broken"));
  });
  const good = fakeConnector(
    [{ name: "a", every: 10 }],
    async function* () {
      yield { payments: [told("good")] };
    },
    { provider: "WISE" },
  );
  const payments = paymentsOf(db, [broken, good]);
  await install(payments);
  await install(payments, "WISE");
  await eventually(async () => expect(await referencesIn(db)).toEqual(["good"]));
});
