import { expect, inject, onTestFinished, test } from "vitest";
import { openDatabase } from "../src/db/database.js";
import { migrate } from "../src/db/migrate.js";
import { emptyDatabaseUrl } from "./support/database.js";
import { brokenRules } from "./support/sqlRules/brokenRules.js";
import { checkStatement } from "./support/sqlRules/statements.js";
import { checkSchema, ledgerTablesOf } from "./support/sqlRules/tables.js";
import { recordedStatements } from "./support/statements.js";

const TABLES = new Set(["accounts", "logs"]);
const check = (sql: string) => [...checkSchema(sql, TABLES), ...checkStatement(sql, TABLES)];

test.each([
  // Keys and indexes.
  ["create table logs (ledger int, id bigint, primary key (id, ledger))", /primary key \(id/],
  ["create table logs (ledger int, id bigint primary key)", /primary key \(id/],
  ["create table logs (ledger int, id bigint)", /no primary key/],
  ["create table logs (ledger int, a text unique, primary key (ledger))", /unique \(a\)/],
  [
    "create table logs (ledger int, a int references accounts (id), primary key (ledger))",
    /foreign/,
  ],
  [
    "create table logs (ledger int, a int, primary key (ledger), foreign key (a) references x)",
    /foreign key \(a\)/,
  ],
  ["alter table logs add constraint a unique (id)", /unique \(id\)/],
  ["alter table logs add column a bigint unique", /unique \(a\)/],
  ["create index a on logs (txid, ledger)", /index a/],
  ["create index a on logs ((ledger + 1))", /index a/],
  // Numbers and hidden doings.
  ["create table logs (ledger int, id bigserial, primary key (ledger))", /sequence/],
  ["create table ledgers (id serial primary key)", /sequence/],
  ["alter table logs add column a int generated always as identity", /sequence/],
  ["create table logs (ledger int primary key, a int default nextval('s'))", /sequence/],
  ["create sequence s", /sequence/],
  ["create trigger a before insert on logs for each row execute function f()", /trigger/],
  // Reads.
  ["select * from logs", /logs is not/],
  ["select * from logs where id = $1", /logs is not/],
  ["select * from logs where ledger = $1 or id = $2", /logs is not/],
  ["select * from logs where ledger > $1", /logs is not/],
  ["select * from logs where ledger = ledger", /logs is not/],
  ["select * from logs l where (l.ledger, l.id) > ($1, $2)", /l is not/],
  ["select * from logs join accounts on accounts.ledger = $1 where txid = 1", /logs is not/],
  ["select * from logs l join accounts a on a.ledger = l.ledger", /l is not/],
  ["select * from logs join accounts using (ledger)", /logs is not/],
  ["select * from accounts a, logs l where a.ledger = $1 and l.ledger = l.txid", /l is not/],
  ["select * from ledgers l join logs on logs.ledger = l.id", /logs is not/],
  ["select * from logs where ledger = $1 union select * from logs", /logs is not/],
  ["select (select max(id) from logs) from accounts where ledger = $1", /logs is not/],
  ["with a as (select * from logs) select * from a where ledger = $1", /logs is not/],
  ["select 1 where exists (select from logs where txid = 1)", /logs is not/],
  ["explain select * from logs", /logs is not/],
  // Writes.
  ["insert into logs (id) values ($1)", /does not name ledger/],
  ["insert into logs values ($1)", /does not name ledger/],
  ["insert into logs (ledger, id) select ledger, id from logs", /logs is not/],
  ["insert into logs (ledger, id) values ($1, $2) on conflict (id) do nothing", /on conflict/],
  ["with a as (insert into logs (id) values (1)) select 1", /does not name ledger/],
  ["update logs set actor = null where id = $1", /logs is not/],
  ["update logs set actor = null from accounts where accounts.ledger = $1", /logs is not/],
  ["update ledgers set next_txid = 0", /ledgers is not/],
  ["delete from logs using accounts where accounts.ledger = 1", /logs is not/],
  ["truncate logs", /TruncateStmt on logs/],
  ["copy logs from stdin", /CopyStmt on logs/],
  ["lock table ledgers", /LockStmt on ledgers/],
  ["merge into logs using x on logs.id = x.id when matched then delete", /MergeStmt on logs/],
  // Words of other processes.
  ["select pg_advisory_xact_lock(1)", /no correctness/],
  ["listen news", /no correctness/],
  ["notify news", /no correctness/],
  ["select pg_notify('news', '')", /no correctness/],
  ["select nextval('s')", /no correctness/],
])("refuses %s", (sql, reason) => {
  expect(check(sql).join("; ")).toMatch(reason);
});

test.each([
  "create table logs (ledger int references ledgers (id), id bigint, primary key (ledger, id))",
  "create table ledgers (id integer primary key, name text unique)",
  "create table clients (id text primary key, number bigserial unique)",
  "create unique index a on logs (ledger, (lower(reference)))",
  "select * from logs where ledger = $1 and (id > $2 or id < $3)",
  "select * from logs where ledger = any($1)",
  "select * from logs where (ledger, id) = ($1, $2)",
  "select * from logs where (ledger, id) in (select a, b from unnest($1::int[], $2::int[]) u (a, b))",
  "select * from logs l left join accounts a on a.ledger = l.ledger where l.ledger = $1",
  "select * from logs join accounts using (ledger) where logs.ledger = $1",
  "select * from unnest($1::int[]) u (a) join logs on logs.ledger = $2 and logs.id = u.a",
  "select * from ledgers l join logs on logs.ledger = l.id where l.name = $1",
  "with logs as (select 1) select * from logs",
  "select * from ledgers order by name",
  "select max(id) from ledgers",
  "insert into ledgers (id, name) select max(id) + 1, $1 from ledgers on conflict do nothing",
  "insert into logs (ledger, id) values ($1, $2) on conflict (ledger, id) do nothing",
  "update ledgers set next_txid = 0 where id = $1",
  "update logs set actor = null where ledger = $1 and id = $2",
  "delete from clients",
  "not even SQL",
])("allows %s", (sql) => {
  expect(check(sql)).toEqual([]);
});

test("tables of ledgers are those with a ledger in them", () => {
  const statements = [
    "create table logs (ledger int, id bigint)",
    "create table ledgers (id int); create table moves (ledger int)",
    "create table clients (id text)",
  ];
  expect([...ledgerTablesOf(statements)]).toEqual(["logs", "moves"]);
});

test("the rules see every statement of the migrations, of knex and of the raw driver", async () => {
  const db = openDatabase({ url: await emptyDatabaseUrl(), poolSize: 1 });
  onTestFinished(() => db.destroy());
  await migrate(db);
  await db("logs").where({ ledger: 1, id: 2 });
  await db.raw("/* test */ select count(*) from logs");
  const statements = [...recordedStatements(inject("statements"))];
  expect(statements).toContain('select * from "logs" where "ledger" = $1 and "id" = $2');
  expect([...ledgerTablesOf(statements)]).toEqual(
    expect.arrayContaining(["accounts", "logs", "moves", "volumes"]),
  );
  expect(brokenRules(inject("statements"))).toEqual([]);
});
