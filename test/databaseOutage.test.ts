import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import knex from "knex";
import { expect, onTestFinished, test } from "vitest";
import { type Db, openDatabase, withConnection } from "../src/db/database.js";
import { isUnavailable } from "../src/server/interceptors/isUnavailable.js";
import { databaseProxy } from "./ledger/databaseProxy.js";
import { testDatabaseUrl, testDb } from "./support/database.js";

/** What `work` is refused with. */
const errorOf = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => expect.fail("it worked"),
    (error) => error,
  );

test("a connection that is lost in the middle of a statement is an outage", async () => {
  const db = await testDb();
  const sleeping = errorOf(db.raw("select pg_sleep(60)"));
  await expect
    .poll(() =>
      db.raw(
        "select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(60)'",
      ),
    )
    .toMatchObject({ rowCount: 1 });
  expect(isUnavailable(await sleeping)).toBe(true);
});

test("a server that cannot be reached is an outage", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  for (const url of [
    `postgresql://florin@127.0.0.1:${port}/florin`,
    "postgresql://florin@/florin?host=/nowhere",
  ]) {
    const db = openDatabase({ url, poolSize: 1 });
    onTestFinished(() => db.destroy());
    expect(isUnavailable(await errorOf(db.raw("select 1"))), url).toBe(true);
  }
});

test("a pool that is exhausted is an outage", async () => {
  const db = knex({
    client: "pg",
    connection: { connectionString: await testDatabaseUrl() },
    pool: { min: 0, max: 1 },
    acquireConnectionTimeout: 1_000,
    log: { warn() {}, error() {} },
  });
  onTestFinished(() => db.destroy());
  const connection = await db.client.acquireConnection();
  expect(isUnavailable(await errorOf(db.raw("select 1")))).toBe(true);
  await db.client.releaseConnection(connection);
});

test("a database that has no room for what it was asked is an outage", async () => {
  const db = await testDb();
  for (const state of ["53100", "53200"]) {
    const raise = `do $$ begin raise exception using errcode = '${state}'; end $$`;
    expect(isUnavailable(await errorOf(db.raw(raise))), state).toBe(true);
  }
});

test("a statement that is wrong is not", async () => {
  const db = await testDb();
  for (const wrong of ["select nonsense", "selct", "select 1/0"]) {
    expect(isUnavailable(await errorOf(db.raw(wrong))), wrong).toBe(false);
  }
});

/** A database behind a proxy, whose silence is noticed soon. */
async function behindProxy() {
  const url = await testDatabaseUrl();
  const proxy = await databaseProxy(url);
  const [db, direct] = [
    openDatabase({ url: proxy.url, poolSize: 2, silenceMs: 200 }),
    openDatabase({ url, poolSize: 1 }),
  ];
  onTestFinished(async () => {
    await db.destroy();
    await direct.destroy();
  });
  return { db, direct, proxy };
}

test("a server that falls silent is an outage, its session ends, and another connection works", async () => {
  const { db, direct, proxy } = await behindProxy();
  const silenced = withConnection(db, async (connection) => {
    await connection.query("/* test */ begin; select pg_advisory_xact_lock(1)");
    proxy.silence();
    await connection.query("select 1");
  });
  expect(isUnavailable(await errorOf(silenced))).toBe(true);
  const isFree = () => direct.raw("/* test */ select pg_try_advisory_xact_lock(1) as free");
  await expect.poll(isFree).toMatchObject({ rows: [{ free: true }] });
  expect(await db.raw("select 1 as one")).toMatchObject({ rows: [{ one: 1 }] });
});

test("what was asked when a server fell silent is told of no other outage", async () => {
  const { db, proxy } = await behindProxy();
  const silencedBy = async (query: string) => {
    await db.raw("select 1");
    proxy.silence();
    return String(await errorOf(db.raw(query)));
  };
  expect(await silencedBy("select 'first'")).toContain("does not answer");
  expect(await silencedBy("select 'second'")).not.toContain("first");
});

test("a server that is at work for long is waited for, and a connection that has nothing to say is kept", async () => {
  const { db, direct } = await behindProxy();
  const pid = async () => (await db.raw("select pg_backend_pid() as pid")).rows[0].pid;
  const first = await pid();
  const held = await direct.transaction();
  await held.raw("/* test */ select pg_advisory_xact_lock(1)");
  const locked = db.raw("/* test */ select pg_advisory_lock(1)");
  await sleep(1_500);
  expect(await db.raw("select pg_sleep(1)")).toMatchObject({ rowCount: 1 });
  await held.rollback();
  await locked;
  expect(await pid()).toBe(first);
});

test("when one connection has fallen silent, the others are not relied on either", async () => {
  const { db, proxy } = await behindProxy();
  await Promise.all([db.raw("select pg_sleep(0.1)"), db.raw("select pg_sleep(0.1)")]);
  proxy.silence();
  expect(isUnavailable(await errorOf(db.raw("select 1")))).toBe(true);
  await Promise.all([db.raw("select pg_sleep(0.1)"), db.raw("select pg_sleep(0.1)")]);
  proxy.cut();
});

/** Queries that keep PostgreSQL at work until they are told to end. Each answers its session. */
async function longQueries(db: Db, direct: Db, count = 1) {
  const held = await direct.transaction();
  await held.raw("/* test */ select pg_advisory_xact_lock(1)");
  let over = 0;
  const pids = Array.from({ length: count }, async () => {
    const { rows } = await db
      .raw("/* test */ select pg_advisory_xact_lock_shared(1), pg_backend_pid() as pid")
      .finally(() => over++);
    return rows[0].pid as number;
  });
  return { pids: Promise.all(pids), over: () => over, end: () => held.rollback() };
}

test.each([
  ["has no connection to spare", "refuse"],
  ["is slow to say anything", "hold"],
] as const)("no session is ended because its server %s", async (_, strike) => {
  const { db, direct, proxy } = await behindProxy();
  const { rows } = await db.raw("select pg_backend_pid() as pid");
  const queries = await longQueries(db, direct);
  const { made } = proxy;
  proxy[strike]();
  // It is asked again and again, or for longer than it has to take a connection.
  await expect.poll(() => proxy.made).toBe(made + (strike === "refuse" ? 3 : 1));
  await sleep(strike === "hold" ? 300 : 0);
  expect(queries.over()).toBe(0);
  proxy.release();
  await queries.end();
  expect(await queries.pids).toEqual([rows[0].pid]);
});

test("nor because this process stood still while it asked", async () => {
  const { db, direct, proxy } = await behindProxy();
  await db.raw("select 1");
  const queries = await longQueries(db, direct);
  const { made } = proxy;
  proxy.hold();
  await expect.poll(() => proxy.made).toBe(made + 1);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  proxy.release();
  // Its answer is on its way, and what stands between is the proxy in this process.
  await sleep(100);
  expect(queries.over()).toBe(0);
  await queries.end();
  await queries.pids;
});

test("a server that takes connections and never says anything is an outage", async () => {
  const { db, proxy } = await behindProxy();
  await db.raw("select 1");
  proxy.silence();
  proxy.hold();
  expect(isUnavailable(await errorOf(db.raw("select 1")))).toBe(true);
  proxy.release();
  expect(await db.raw("select 1 as one")).toMatchObject({ rows: [{ one: 1 }] });
});

test("however many sessions are silent, the server is asked on one connection", async () => {
  const { db, direct, proxy } = await behindProxy();
  await Promise.all([db.raw("select pg_sleep(0.1)"), db.raw("select pg_sleep(0.1)")]);
  const queries = await longQueries(db, direct, 2);
  const { made } = proxy;
  proxy.hold();
  await expect.poll(() => proxy.made).toBe(made + 1);
  // Both have been silent for long enough.
  await sleep(250);
  expect(proxy.made).toBe(made + 1);
  proxy.release();
  await queries.end();
  await queries.pids;
});

test("a process that stood still takes none of its answers for silence", async () => {
  const db = openDatabase({ url: await testDatabaseUrl(), poolSize: 1 });
  onTestFinished(() => db.destroy());
  const pid = async () => (await db.raw("select pg_backend_pid() as pid")).rows[0].pid;
  const first = await pid();
  await withConnection(db, async (connection) => {
    const { stream } = (connection as unknown as { connection: { stream: Socket } }).connection;
    const asked = connection.query("select pg_sleep(0.05)");
    // As a process goes on: timers first, then what can be read.
    setTimeout(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      stream.emit("timeout");
    });
    await asked;
  });
  // For long enough to be ended by mistake.
  await sleep(300);
  expect(await pid()).toBe(first);
});
