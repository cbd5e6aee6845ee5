import { expect, onTestFinished, test } from "vitest";
import { checkServer, type Db, openDatabase, withConnection } from "../src/db/database.js";
import { inTransaction, readWithin, sqlState } from "../src/db/transaction.js";
import { emptyDatabaseUrl, testDb } from "./support/database.js";

const valueIn = async (db: Db, expression: string): Promise<unknown> =>
  (await db.raw(`select ${expression} as value`)).rows[0].value;

const stateOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(() => "no error", sqlState);

test("integers, numerics and instants of any size arrive exactly", async () => {
  const db = await testDb();
  for (const [expression, value] of [
    ["9007199254740993::int8", 9007199254740993n],
    ["'{-1,null,9007199254740993}'::int8[]", [-1n, null, 9007199254740993n]],
    ["'{}'::int8[]", []],
    [`${"9".repeat(40)}::numeric`, BigInt("9".repeat(40))],
    [`array[${"9".repeat(40)}::numeric]`, [BigInt("9".repeat(40))]],
    ["'2023-07-10T12:00:00.123456Z'::timestamptz", 1688990400123456n],
    ["'2023-07-10T14:00:00.5+02:00'::timestamptz", 1688990400500000n],
    ["'0001-01-01T00:00:00Z'::timestamptz", -62135596800000000n],
    ["'9999-12-31T23:59:59.999999Z'::timestamptz", 253402300799999999n],
    ["'1969-12-31T23:59:59.999999Z'::timestamptz", -1n],
    ["array['1970-01-01T00:00:00.000001Z'::timestamptz, null]", [1n, null]],
    ["7::int4", 7],
    [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
  ] as const) {
    expect(await valueIn(db, expression), expression).toEqual(value);
  }
});

test("what our types cannot hold is an error, not something near it", async () => {
  const db = await testDb();
  await expect(valueIn(db, "1.5::numeric")).rejects.toThrow(SyntaxError);
  await expect(valueIn(db, "'infinity'::timestamptz")).rejects.toThrow(RangeError);
  await expect(valueIn(db, "'10000-01-01'::timestamptz")).rejects.toThrow(RangeError);
});

test("a session answers in UTC and ISO, and commits to disk, whatever the database's defaults", async () => {
  const url = await emptyDatabaseUrl();
  const first = openDatabase({ url, poolSize: 1 });
  const name = await valueIn(first, "current_database()");
  for (const setting of [
    "timezone = 'Asia/Kolkata'",
    "datestyle = 'SQL, DMY'",
    "synchronous_commit = off",
    "default_transaction_isolation = 'serializable'",
  ]) {
    await first.raw(`alter database ${name} set ${setting}`);
  }
  await first.destroy();
  const db = openDatabase({ url, poolSize: 1 });
  onTestFinished(() => db.destroy());
  expect(await valueIn(db, "'1970-01-01T00:00:01Z'::timestamptz")).toBe(1_000_000n);
  expect(await valueIn(db, "current_setting('synchronous_commit')")).toBe("on");
  expect(await valueIn(db, "current_setting('transaction_isolation')")).toBe("read committed");
});

test("a lent connection comes back without the transaction in which its user failed", async () => {
  const db = await testDb();
  await db.raw("create table things (id integer primary key)");
  const failing = withConnection(db, async (connection) => {
    await connection.query("begin");
    await connection.query("insert into things values (1)");
    throw new Error("the user failed");
  });
  await expect(failing).rejects.toThrow("the user failed");
  const held = "count(*)::int from pg_stat_activity where state like 'idle in transaction%'";
  const { rows } = await db.raw(`select ${held} and datname = current_database()`);
  expect(rows).toEqual([{ count: 0 }]);
  expect(await db("things")).toEqual([]);
});

test("a lent connection that dies is not lent again", async () => {
  const db = await testDb();
  const dying = withConnection(db, (connection) =>
    connection.query("select pg_terminate_backend(pg_backend_pid())"),
  );
  await expect(dying).rejects.toThrow(/terminat/);
  const answers = await Promise.all(Array.from({ length: 30 }, () => valueIn(db, "1")));
  expect(answers).toEqual(Array(30).fill(1));
});

test("two transactions that wait for each other both get through in the end", async () => {
  const db = await testDb();
  await db.raw("create table things (id integer primary key, touched integer not null)");
  await db.raw("insert into things values (1, 0), (2, 0)");
  let firstTries = 2;
  let bothHold = () => {};
  const gate = new Promise<void>((resolve) => {
    bothHold = resolve;
  });
  const touch = (one: number, other: number) =>
    inTransaction(db, async (trx) => {
      await trx("things").where({ id: one }).increment("touched");
      if (firstTries > 0 && --firstTries === 0) bothHold();
      await gate;
      await trx("things").where({ id: other }).increment("touched");
    });
  await Promise.all([touch(1, 2), touch(2, 1)]);
  expect(await db("things").orderBy("id").pluck("touched")).toEqual([2, 2]);
});

test("a transaction is given up when it always fails to serialize", async () => {
  const db = await testDb();
  let attempts = 0;
  const hopeless = inTransaction(db, async (trx) => {
    attempts++;
    await trx.raw("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
  });
  expect(await stateOf(hopeless)).toBe("40001");
  expect(attempts).toBe(8);
});

test("any other error is not tried again", async () => {
  const db = await testDb();
  let attempts = 0;
  const broken = inTransaction(db, async (trx) => {
    attempts++;
    await trx.raw("select 1 / 0");
  });
  expect(await stateOf(broken)).toBe("22012");
  expect(attempts).toBe(1);
});

test("a transaction on a connection that dies tells what killed it", async () => {
  const db = await testDb();
  const dying = inTransaction(db, (trx) =>
    trx.raw("select pg_terminate_backend(pg_backend_pid())"),
  );
  expect(await stateOf(dying)).toBe("57P01");
});

test("a regular expression that never ends is ended", async () => {
  const db = await testDb();
  const search = readWithin(db, 200, (trx) =>
    trx.raw("select repeat('a', 1001) || 'b' ~ '^(a*)(a*)(a*)\\1\\2\\3b$'"),
  );
  expect(await stateOf(search)).toBe("57014");
});

test("the bound of one read does not bind the next user of its connection", async () => {
  const db = openDatabase({ url: await emptyDatabaseUrl(), poolSize: 1 });
  onTestFinished(() => db.destroy());
  const timeout = "current_setting('statement_timeout')";
  expect(await readWithin(db, 200, (trx) => valueIn(trx, timeout))).toBe("200ms");
  expect(await valueIn(db, timeout)).toBe("0");
});

test("a bounded read cannot write, and sees one state of the database", async () => {
  const db = await testDb();
  await db.raw("create table things (id integer primary key)");
  const counts = await readWithin(db, 1000, async (trx) => {
    const before = await trx("things");
    await db("things").insert({ id: 1 });
    return [before.length, (await trx("things")).length];
  });
  expect(counts).toEqual([0, 0]);
  const writing = readWithin(db, 1000, (trx) => trx("things").insert({ id: 2 }));
  expect(await stateOf(writing)).toBe("25006");
});

test("a server that is too old, or not in UTF-8, is refused", async () => {
  const answering = (row: object) => ({ raw: async () => ({ rows: [row] }) }) as unknown as Db;
  const fine = { number: 150_000, version: "15.0", encoding: "UTF8" };
  await checkServer(answering(fine));
  await checkServer(await testDb());
  await expect(
    checkServer(answering({ ...fine, number: 140_012, version: "14.12" })),
  ).rejects.toThrow("PostgreSQL 14.12 is too old");
  await expect(checkServer(answering({ ...fine, encoding: "SQL_ASCII" }))).rejects.toThrow(
    "encoded in SQL_ASCII",
  );
});
