import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { type Db, openDatabase } from "../../src/db/database.js";
import type { Message } from "../../src/events/message.js";
import { replayDeadLetters } from "../../src/events/store/deadLetters.js";
import { testLedger, transaction } from "../ledger/support.js";
import { testDatabaseUrl } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { memorySink, outletOf, publisherOf } from "./support.js";

/** Ledgers whose events are kept for a sink, in a database that the command line can reach. */
async function ledgerWithUrl() {
  const url = await testDatabaseUrl();
  const db = openDatabase({ url, poolSize: 5 });
  onTestFinished(() => db.destroy());
  const ledger = await testLedger({ db, hasSinks: true });
  const pay = (name: string) => ledger.write(name, transaction("world > users:1 1 COIN"));
  return { url, db, pay };
}

/** Runs `florin events …`; answers what it printed. */
async function florinEvents(url: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ["dist/cli.js", "events", ...args], {
    env: {
      ...process.env,
      DATABASE_URL: url,
      ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      LOG_LEVEL: "silent",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, "close")]);
  return printed;
}

const lettersIn = async (db: Db): Promise<{ retry_at: bigint | null }[]> =>
  (await db.raw("/* test */ select * from dead_letters order by ledger, sink, event")).rows;

const numberOf = ({ id }: Message): string => id.split(":")[1] ?? "";

test("a message that is rejected is put aside, and the next one has its turn", async () => {
  const { db, pay } = await ledgerWithUrl();
  const sink = memorySink("memory", (message) => (numberOf(message) === "1" ? "reject" : "take"));
  await publisherOf(db, [outletOf(sink)]);
  for (let round = 0; round < 3; round++) await pay("main");
  await eventually(() => expect(sink.taken.map(numberOf)).toEqual(["0", "2"]));
  const letters = await db("dead_letters").where({ ledger: 1 });
  expect(letters).toMatchObject([
    {
      sink: "memory",
      event: 1n,
      message_id: "main:1:COMMITTED_TRANSACTIONS",
      type: "COMMITTED_TRANSACTIONS",
      reason: "not for me",
      attempts: 1,
      retry_at: null,
    },
  ]);
});

test("a message that is refused too often is put aside", async () => {
  const { db, pay } = await ledgerWithUrl();
  let refusals = 0;
  const sink = memorySink("memory", (message) => {
    if (numberOf(message) !== "0") return "take";
    refusals += 1;
    return "defer";
  });
  await publisherOf(db, [outletOf(sink, { maxAttempts: 5 })]);
  await pay("main");
  await pay("main");
  await eventually(() => expect(sink.taken.map(numberOf)).toEqual(["1"]));
  expect(refusals).toBe(5);
  expect(await db("dead_letters").where({ ledger: 1 })).toMatchObject([
    { event: 0n, attempts: 5, reason: "not now" },
  ]);
});

test("dead letters are listed, replayed while the server runs, and gone when they have arrived", async () => {
  const { url, db, pay } = await ledgerWithUrl();
  let isWilling = false;
  const sink = memorySink("memory", () => (isWilling ? "take" : "reject"));
  await publisherOf(db, [outletOf(sink)]);
  for (const name of ["main", "main", "other"]) await pay(name);
  await eventually(async () => expect(await lettersIn(db)).toHaveLength(3));

  const list = await florinEvents(url, "dead-letters", "--ledger", "main");
  expect(list.trim().split("\n")).toEqual([
    expect.stringMatching(
      /^memory {2}main:0:COMMITTED_TRANSACTIONS {2}1 attempts .* rests {2}"not for me"$/,
    ),
    expect.stringMatching(/^memory {2}main:1:COMMITTED_TRANSACTIONS /),
  ]);

  isWilling = true;
  const [one, two] = await Promise.all([florinEvents(url, "replay"), florinEvents(url, "replay")]);
  expect([one, two].map((printed) => Number.parseInt(printed, 10)).sort()).toEqual([0, 3]);
  await eventually(async () => expect(await lettersIn(db)).toEqual([]));
  expect(sink.taken.map(({ id }) => id).sort()).toEqual([
    "main:0:COMMITTED_TRANSACTIONS",
    "main:1:COMMITTED_TRANSACTIONS",
    "other:0:COMMITTED_TRANSACTIONS",
  ]);
}, 90_000);

test("one ledger's, one sink's or one single dead letter is replayed alone", async () => {
  const { db, pay } = await ledgerWithUrl();
  const outlets = ["a", "b"].map((name) => outletOf(memorySink(name, () => "reject")));
  const { stop } = await publisherOf(db, outlets);
  for (const name of ["main", "main", "other"]) await pay(name);
  await eventually(async () => expect(await lettersIn(db)).toHaveLength(6));
  await stop();
  const id = "main:1:COMMITTED_TRANSACTIONS";
  expect(await replayDeadLetters(db, 1, { sink: "a", id })).toBe(1);
  expect(await replayDeadLetters(db, 1, { sink: null, id })).toBe(1);
  expect(await replayDeadLetters(db, 1, { sink: "b", id: null })).toBe(1);
  expect((await lettersIn(db)).filter(({ retry_at }) => retry_at === null)).toMatchObject([
    { sink: "a", message_id: "main:0:COMMITTED_TRANSACTIONS" },
    { sink: "a", message_id: "other:0:COMMITTED_TRANSACTIONS" },
    { sink: "b", message_id: "other:0:COMMITTED_TRANSACTIONS" },
  ]);
});

test("a dead letter that is replayed has its attempts, then rests again", async () => {
  const { db, pay } = await ledgerWithUrl();
  let asked = 0;
  const sink = memorySink("memory", () => {
    asked += 1;
    return asked === 1 ? "reject" : "defer";
  });
  await publisherOf(db, [outletOf(sink, { maxAttempts: 4 })]);
  await pay("main");
  await eventually(() => expect(asked).toBe(1));
  await eventually(async () => expect(await lettersIn(db)).toHaveLength(1));
  await replayDeadLetters(db, 1, { sink: null, id: null });
  await eventually(async () => {
    const letter = await db("dead_letters").where({ ledger: 1 }).first();
    expect(letter).toMatchObject({ attempts: 4, retry_at: null, reason: "not now" });
  });
  expect(asked).toBe(1 + 4);
});

test("dead letters hold up nothing, however they fare", async () => {
  const { db, pay } = await ledgerWithUrl();
  let waits = 0;
  const sink = memorySink("memory", (message) => {
    if (numberOf(message) !== "0") return "take";
    waits += 1;
    return waits === 1 ? "reject" : new Promise(() => {});
  });
  await publisherOf(db, [outletOf(sink)], { drainMs: 0 });
  await pay("main");
  await eventually(async () => expect(await lettersIn(db)).toHaveLength(1));
  await db("dead_letters").where({ ledger: 1 }).update({ retry_at: db.fn.now() });
  await eventually(() => expect(waits).toBe(2));
  await pay("main");
  await eventually(() => expect(sink.taken.map(numberOf)).toEqual(["1"]));
});
