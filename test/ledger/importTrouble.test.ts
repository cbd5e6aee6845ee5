import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import { createLedger } from "../../src/ledger/ledger.js";
import { testDatabaseUrl } from "../support/database.js";
import { clientOf } from "./client.js";
import { databaseProxy, type Fate } from "./databaseProxy.js";
import { busyLedger, exported, importing } from "./importing.js";
import { expectSound, fixedClock } from "./support.js";

/** An empty ledger behind a proxy, and a history to fill it with: in one commit, since the ledger need not be made. */
async function emptyCopy() {
  const url = await testDatabaseUrl();
  const direct = openDatabase({ url, poolSize: 2 });
  await direct("ledgers").insert({ id: 1, name: "copy" });
  const proxy = await databaseProxy(url);
  const db = openDatabase({ url: proxy.url, poolSize: 3, silenceMs: 200 });
  const logger = pino({ level: "silent" });
  const ledger = createLedger({ db, clock: fixedClock, logger, allowPastTimestamps: false });
  onTestFinished(async () => {
    await ledger.close();
    await db.destroy();
    await expectSound(direct);
    await direct.destroy();
  });
  const logs = await exported(clientOf(await busyLedger()));
  const fill = () => importing(clientOf(ledger), "copy", logs);
  const count = async () => {
    const { rows } = await direct.raw("/* test */ select count(*)::int as logs from logs");
    return rows[0].logs as number;
  };
  return { proxy, logs, fill, count };
}

const ARRIVES: Fate[] = ["answer lost", "silence", "late"];

test.each(ARRIVES)("an import whose commit has this fate is looked up: %s", async (fate) => {
  const copy = await emptyCopy();
  copy.proxy.strike(fate);
  expect(await copy.fill()).toMatchObject({ logs: BigInt(copy.logs.length) });
  expect(copy.proxy.struck).toBe(1);
  expect(await copy.count()).toBe(copy.logs.length);
});

test("an import whose commit never arrives leaves nothing, and can be repeated", async () => {
  const copy = await emptyCopy();
  copy.proxy.strike("request lost");
  await expect(copy.fill()).rejects.toThrow();
  expect(await copy.count()).toBe(0);
  expect(await copy.fill()).toMatchObject({ logs: BigInt(copy.logs.length) });
});
