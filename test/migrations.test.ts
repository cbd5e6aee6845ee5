import { expect, onTestFinished, test } from "vitest";
import { type Db, openDatabase } from "../src/db/database.js";
import { listMigrations, migrate } from "../src/db/migrate.js";
import { type Migration, migrations } from "../src/db/migrations/index.js";
import { emptyDatabaseUrl, testDb } from "./support/database.js";

const open = (url: string): Db => {
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.destroy());
  return db;
};

const tables = async (db: Db): Promise<string[]> =>
  db("pg_tables").where({ schemaname: "public" }).orderBy("tablename").pluck("tablename");

const makeThings: Migration = {
  name: "0001_things",
  up: async (db) => db.raw("create table things (id integer primary key)"),
};

test("five processes that start at once on an empty database all find it migrated", async () => {
  const url = await emptyDatabaseUrl();
  const processes = Array.from({ length: 5 }, () => open(url));
  await Promise.all(processes.map((db) => migrate(db)));
  for (const db of processes) {
    expect((await listMigrations(db)).map(({ version }) => version)).toEqual(
      migrations.map(({ name }) => Number(name.slice(0, 4))),
    );
  }
});

test("migrating again changes nothing", async () => {
  const db = await testDb();
  const before = await listMigrations(db);
  await migrate(db);
  expect(await listMigrations(db)).toEqual(before);
});

test("a migration that fails leaves nothing of itself and of those before it", async () => {
  const db = open(await emptyDatabaseUrl());
  const broken: Migration = { name: "0002_broken", up: (db) => db.raw("select 1 / 0") };
  await expect(migrate(db, [makeThings, broken])).rejects.toThrow("division by zero");
  expect(await tables(db)).toEqual(["migration_gate"]);
  await migrate(db, [makeThings]);
  expect(await tables(db)).toContain("things");
});

test("a process killed in the middle of a migration leaves no lock", async () => {
  const url = await emptyDatabaseUrl();
  const killed: Migration = {
    name: "0001_things",
    async up(db) {
      await makeThings.up(db);
      await db.raw("select pg_terminate_backend(pg_backend_pid())");
    },
  };
  await expect(migrate(open(url), [killed])).rejects.toThrow(/terminat/);
  const db = open(url);
  await migrate(db, [makeThings]);
  expect(await tables(db)).toContain("things");
});

test("a database that a newer Florin migrated is refused, and left as it is", async () => {
  const db = open(await emptyDatabaseUrl());
  const newer: Migration = { name: "0002_newer", up: async () => {} };
  const older: Migration = { name: "0003_older", up: makeThings.up };
  await migrate(db, [newer]);
  await expect(migrate(db, [older])).rejects.toThrow(
    "A newer Florin has changed this database (0002_newer)",
  );
  expect(await tables(db)).not.toContain("things");
});

test("migrations are listed with number, name and date, in the order in which they ran", async () => {
  const db = open(await emptyDatabaseUrl());
  const begin = BigInt(Date.now()) * 1000n;
  await migrate(db, [makeThings, { name: "0002_more_things", up: async () => {} }]);
  const list = await listMigrations(db);
  expect(list).toMatchObject([
    { version: 1, name: "things" },
    { version: 2, name: "more things" },
  ]);
  for (const { date } of list) expect(date - begin).toBeLessThan(60_000_000n);
});

test("migrations are numbered without gaps, in their order", () => {
  expect(migrations.map(({ name }) => Number.parseInt(name, 10))).toEqual(
    migrations.map((_, index) => index + 1),
  );
});
