import { pino } from "pino";
import { beforeEach, expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import { sqlState } from "../../src/db/transaction.js";
import { parseMapping } from "../../src/ledger/domain/mapping.js";
import { createLedger } from "../../src/ledger/ledger.js";
import { type Verification, verifyLedger } from "../../src/ledger/verifyLedger.js";
import type { Result } from "../../src/lib/result.js";
import { testDb } from "../support/database.js";
import { fixedClock, request, transaction } from "./support.js";

const OPTIONS = {
  clock: fixedClock,
  logger: pino({ level: "silent" }),
  allowPastTimestamps: false,
  hasSinks: true,
};

let db: Db;

function succeeded<T, F>(result: Result<T, F>): T {
  if (!result.ok) throw new Error("refused");
  return result.value;
}

/** A ledger of which nothing is wrong yet. */
beforeEach(async () => {
  db = await testDb();
  const ledger = createLedger({ ...OPTIONS, db });
  const mapping = succeeded(parseMapping([{ name: "", account: "a", expr: '{"$and":[]}' }]));
  const metadata = { a: 1e21, b: [-0, 0.1, "é\u2028<"], "": { z: null } };
  await ledger.write("main", transaction("world > a 100 USD/2", { reference: "r", metadata }));
  await ledger.write("main", transaction("a > b 40 USD/2", { key: "k" }));
  await ledger.write("main", request({ kind: "set-metadata", target: { account: "a" }, metadata }));
  await ledger.write(
    "main",
    request({ kind: "set-metadata", target: { txid: 0n }, metadata: { c: 1 } }),
  );
  await ledger.write("main", request({ kind: "revert-transaction", txid: 1n }));
  await ledger.write("main", request({ kind: "update-mapping", mapping }, { key: "m" }));
  await ledger.close();
});

async function verdict() {
  let last: Verification | null = null;
  for await (const message of verifyLedger(db, "main")) last = message;
  return last?.kind === "verdict" ? last : null;
}

test("a ledger of which nothing is wrong is found sound", async () => {
  expect(await verdict()).toMatchObject({
    kind: "verdict",
    problem: null,
    badLog: null,
    checked: 6n,
  });
});

test.each([
  ["is gone", "delete from logs where ledger = 1 and id = 5"],
  ["has another hash", "update logs set hash = sha256('') where ledger = 1 and id = 5"],
])("nothing is chained to a last log that %s", async (_what, tampering) => {
  await db.raw(tampering);
  const ledger = createLedger({ ...OPTIONS, db });
  await expect(ledger.write("main", transaction("world > a 1 USD/2"))).rejects.toThrow("last log");
  expect(await db("ledgers").where({ id: 1 }).pluck("next_log")).toEqual([6n]);
});

test("a ledger that nobody has written to is sound", async () => {
  for await (const message of verifyLedger(db, "other")) {
    expect(message).toEqual({
      kind: "verdict",
      problem: null,
      badLog: null,
      checked: 0n,
      lastHash: null,
    });
  }
});

const LAST_LOG = "where ledger = 1 and id = 5";
const LOG_1 = "where ledger = 1 and id = 1";

test.each([
  ["log 1: it cannot be read", `update logs set volumes = '{}' ${LOG_1}`],
  ["log 1: it cannot be read", `update logs set volumes = '[]' ${LOG_1}`],
  ["log 1: it cannot be read", `update logs set volumes = '[["a"],["b"]]' ${LOG_1}`],
  ["log 1: it cannot be read", `update logs set volumes = 'null' ${LOG_1}`],
  ["log 1: it cannot be read", `update logs set postings = '[{}]' ${LOG_1}`],
  ["log 1: it cannot be read", `update logs set postings = '[["a","b","USD/2","x"]]' ${LOG_1}`],
  ["log 1: it cannot be read", `update logs set date = 'infinity' ${LOG_1}`],
  ["log 1: it cannot be read", `update logs set date = '0044-03-15 BC' ${LOG_1}`],
  ["log 2: its hash", "update logs set metadata = 'null' where ledger = 1 and id = 2"],
  ["log 5: it is missing", `update logs set ledger = 2 ${LAST_LOG}`],
  ["log 5: it is missing", `update logs set id = -1 ${LAST_LOG}`],
  [
    "log 6: the head does not count it",
    "insert into logs (ledger, id, date, hash, metadata, target_account) values (1, 6, now(), sha256(''), '{}', 'a')",
  ],
  [
    "log -1: the head does not count it",
    "insert into logs (ledger, id, date, hash, metadata, target_account) values (1, -1, now(), sha256(''), '{}', 'a')",
  ],
  ["the head cannot be read", "update ledgers set last_timestamp = 'infinity' where id = 1"],
  ["the head counts too many events", "update ledgers set next_event = 8 where id = 1"],
  ["volumes cannot be read", "update volumes set input = 1.5 where ledger = 1 and account = 2"],
  ["volumes cannot be read", "update volumes set output = 'NaN' where ledger = 1"],
  ["a mapping has the number", "update ledgers set next_event = 6 where id = 1"],
  ["the mapping cannot be read", "update mappings set contracts = '[' where ledger = 1"],
  ["the mapping cannot be read", "update mappings set contracts = '{}' where ledger = 1"],
  ["the mapping cannot be read", "update mappings set contracts = '[{}]' where ledger = 1"],
  ["the outbox cannot be read", "update outbox set events = '[' where ledger = 1 and id = 0"],
  ["wrong events in the outbox: 0", `update outbox set events = '[]' where ledger = 1 and id = 0`],
  ["wrong events", `update outbox set events = '[["M",6]]' where ledger = 1 and id = 2`],
  ["wrong events", `update outbox set events = '[["M",1],["M",2]]' where ledger = 1 and id = 1`],
  ["wrong events in the outbox: 7", "update outbox set id = 7 where ledger = 1 and id = 6"],
  [
    "log 1: its hash",
    'update logs set postings = \'[["a","b","USD/2","41"]]\' where ledger = 1 and id = 1',
  ],
  [
    "log 0: its hash",
    "update logs set metadata = metadata || '{\"x\":1}' where ledger = 1 and id = 0",
  ],
  ["log 0: its hash", "update logs set reference = 's' where ledger = 1 and id = 0"],
  [
    "log 1: its hash",
    "update logs set date = date + interval '1 microsecond' where ledger = 1 and id = 1",
  ],
  ["log 3: its hash", "update logs set hash = sha256('') where ledger = 1 and id = 3"],
  ["log 2: its hash", "update logs set target_account = 'b' where ledger = 1 and id = 2"],
  [
    "log 1: it has a wrong volume of a in USD/2",
    'update logs set volumes = \'[["a","USD/2","101","0"],["b","USD/2","0","0"]]\' where ledger = 1 and id = 1',
  ],
  ["log 1: it has transaction 9", "update logs set txid = 9 where ledger = 1 and id = 1"],
  ["log 1: it is missing", "delete from logs where ledger = 1 and id = 1"],
  ["log 5: it is missing", "delete from logs where ledger = 1 and id = 5"],
  ["the head", "update ledgers set next_txid = 4 where id = 1"],
  ["the head", "update ledgers set next_account = 4 where id = 1"],
  ["the head", "update ledgers set last_hash = sha256('') where id = 1"],
  ["the head", "update ledgers set last_timestamp = now() where id = 1"],
  [
    "wrong volume: b USD/2",
    "update volumes set input = input + 1 where ledger = 1 and account = 2",
  ],
  [
    "wrong volume: b EUR/2",
    "insert into volumes (ledger, account, asset, input, output) values (1, 2, 'EUR/2', 1, 1)",
  ],
  ["volume missing: b USD/2", "delete from volumes where ledger = 1 and account = 2"],
  ["wrong metadata: a", "update accounts set metadata = '{}' where ledger = 1 and address = 'a'"],
  ["account in no log: x", "insert into accounts (ledger, id, address) values (1, 3, 'x')"],
  [
    "wrong metadata: transaction 0",
    "update transaction_metadata set metadata = '{}' where ledger = 1 and txid = 0",
  ],
  [
    "metadata missing: transaction 0",
    "delete from transaction_metadata where ledger = 1 and txid = 0",
  ],
  [
    "wrong metadata: transaction 2",
    "insert into transaction_metadata (ledger, txid, metadata) values (1, 2, '{}')",
  ],
  ["1 moves", "delete from moves where ledger = 1 and account = 1 and txid = 0"],
  [
    "2 moves",
    "update moves set is_source = not is_source where ledger = 1 and account = 1 and txid = 0",
  ],
  [
    "1 moves",
    "insert into moves (ledger, account, txid, is_source, is_destination) values (1, 0, 1, true, false)",
  ],
  ["1 idempotency keys", "update idempotency_keys set last_log = 9 where ledger = 1 and key = 'k'"],
])("%s … is found after: %s", async (problem, tampering) => {
  await db.raw(tampering);
  expect(await verdict()).toMatchObject({ problem: expect.stringContaining(problem) });
});

/** Something else than `column` holds, by its type. */
const changed = (column: string, type: string): string => {
  switch (type) {
    case "boolean":
      return `not ${column}`;
    case "text":
      return `${column} || 'x'`;
    case "bytea":
      return `sha256(${column})`;
    case "jsonb":
      return `jsonb_build_array(${column})`;
    case "timestamp with time zone":
      return `${column} + interval '1 second'`;
    default:
      return `${column} + 1`;
  }
};

/** What nothing in the ledger bears witness of. */
const UNPROVEN = new Set([
  "ledgers.name",
  "logs.actor",
  "idempotency_keys.key",
  "idempotency_keys.request_hash",
  "idempotency_keys.last_log",
  "idempotency_keys.ledger",
  "mappings.date",
  "mappings.actor",
  "outbox.date",
  "outbox.ledger",
]);

function refusedByDatabase(error: Error): null {
  if (sqlState(error) === undefined) throw error;
  return null;
}

test("whatever column of a ledger's tables is changed, it is found or the database refuses it", async () => {
  const columns: { table: string; column: string; type: string }[] = await db(
    "information_schema.columns",
  )
    .select({ table: "table_name", column: "column_name", type: "data_type" })
    .whereIn("table_name", [
      ...["ledgers", "accounts", "volumes", "logs", "moves", "transaction_metadata"],
      ...["idempotency_keys", "mappings", "outbox"],
    ]);
  const unnoticed: string[] = [];
  for (const { table, column, type } of columns) {
    const { rows } = await db.raw(
      `/* test */ select ctid::text as place, ${column}::text as value from ${table}
      where ${column} is not null order by ctid desc limit 1`,
    );
    const set = (value: string, place: string) =>
      db.raw(
        `/* test */ update ${table} set ${column} = ${value} where ctid = '${place}'
        returning ctid::text as place`,
      );
    const changing = await set(changed(column, type), rows[0].place).catch(refusedByDatabase);
    if (changing === null) continue;
    if ((await verdict())?.problem === null) unnoticed.push(`${table}.${column}`);
    await set(`'${rows[0].value}'::${type}`, changing.rows[0].place);
  }
  expect(await verdict()).toMatchObject({ problem: null });
  expect(columns.length).toBeGreaterThan(UNPROVEN.size);
  expect(new Set(unnoticed)).toEqual(UNPROVEN);
});
