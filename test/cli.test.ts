import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../src/db/database.js";
import { testLedger, transaction } from "./ledger/support.js";
import { emptyDatabaseUrl, testDatabaseUrl } from "./support/database.js";

/** Runs `florin` with these arguments on the database at `url`. */
function florin(url: string, ...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["dist/cli.js", ...args], {
    encoding: "utf8",
    env: {
      ...process.env,
      DATABASE_URL: url,
      ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      LOG_LEVEL: "silent",
    },
  });
  return { stdout, stderr, status };
}

/** A database of this test's own with one transaction in the ledger "main". */
async function databaseWithMain() {
  const url = await testDatabaseUrl();
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.destroy());
  const ledger = await testLedger({ db });
  await ledger.write("main", transaction("world > users:1 100 USD/2"));
  return { url, db };
}

test("verify says that a ledger is sound, and with which hash it ends", async () => {
  const { url, db } = await databaseWithMain();
  const [head] = await db("ledgers").select("last_hash");
  const hash = head.last_hash.toString("hex");
  const sound = `main is sound: 1 logs, the last hash is ${hash}\n`;
  expect(florin(url, "verify", "main")).toMatchObject({ stdout: sound, status: 0 });
  expect(florin(url, "verify", "main", "--expect", `0:${hash}`)).toMatchObject({ stdout: sound });
  expect(florin(url, "verify", "other")).toMatchObject({
    stdout: "other is empty: nothing was ever written to it\n",
    status: 0,
  });
});

test("verify names what does not hold, and fails", async () => {
  const { url, db } = await databaseWithMain();
  const add = (change: number) =>
    db.raw("/* test */ update volumes set input = input + ? where input > 0", [change]);
  await add(1);
  expect(florin(url, "verify", "main")).toMatchObject({
    stdout: expect.stringMatching(/^main is not sound: wrong volume: users:1/),
    status: 1,
  });
  await add(-1);
  const wrong = florin(url, "verify", "main", "--expect", `0:${"0".repeat(64)}`);
  expect(wrong).toMatchObject({
    stdout: "main is not sound: log 0: its hash is not the expected one\n",
    status: 1,
  });
  expect(florin(url, "verify", "main", "--expect", "0")).toMatchObject({
    stderr: "--expect takes the id of a log, a colon and its hash of 64 hex digits.\n",
    status: 1,
  });
});

test("migrate makes the schema and stops", async () => {
  const url = await emptyDatabaseUrl();
  expect(florin(url, "migrate")).toMatchObject({
    stdout: "The database has this version's schema.\n",
    status: 0,
  });
  const db = openDatabase({ url, poolSize: 1 });
  onTestFinished(() => db.destroy());
  expect(await db("ledgers").pluck("name")).toEqual([]);
});
