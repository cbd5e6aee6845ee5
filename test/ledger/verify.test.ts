import { pino } from "pino";
import { beforeEach, expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import { createLedger } from "../../src/ledger/ledger.js";
import { verifyLedger } from "../../src/ledger/verifyLedger.js";
import { testDb } from "../support/database.js";
import { fixedClock, request, transaction } from "./support.js";

const OPTIONS = {
  clock: fixedClock,
  logger: pino({ level: "silent" }),
  allowPastTimestamps: false,
};

let db: Db;

/** A ledger of which nothing is wrong yet. */
beforeEach(async () => {
  db = await testDb();
  const ledger = createLedger({ ...OPTIONS, db });
  const metadata = { a: 1e21, b: [-0, 0.1, "é\u2028<"], "": { z: null } };
  await ledger.write("main", transaction("world > a 100 USD/2", { reference: "r", metadata }));
  await ledger.write("main", transaction("a > b 40 USD/2", { key: "k" }));
  await ledger.write("main", request({ kind: "set-metadata", target: { account: "a" }, metadata }));
  await ledger.write(
    "main",
    request({ kind: "set-metadata", target: { txid: 0n }, metadata: { c: 1 } }),
  );
  await ledger.write("main", request({ kind: "revert-transaction", txid: 1n }));
  await ledger.close();
});

async function verdict() {
  let last: object | null = null;
  for await (const message of verifyLedger(db, "main")) last = message;
  return last;
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

test.each([
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
  ["1 idempotency keys", "update idempotency_keys set last_log = 9 where ledger = 1"],
])("%s … is found after: %s", async (problem, tampering) => {
  await db.raw(tampering);
  expect(await verdict()).toMatchObject({ problem: expect.stringContaining(problem) });
});
