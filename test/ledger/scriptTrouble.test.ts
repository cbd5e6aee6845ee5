import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import { createLedger } from "../../src/ledger/ledger.js";
import { testDatabaseUrl } from "../support/database.js";
import { databaseProxy } from "./databaseProxy.js";
import { script, send, written } from "./scripts.js";
import { expectSound, fixedClock, transaction } from "./support.js";

test.each(["answer lost", "request lost", "late"] as const)(
  "with a commit's %s, scripts are neither lost nor run twice",
  async (fate) => {
    const url = await testDatabaseUrl();
    const direct = openDatabase({ url, poolSize: 2 });
    onTestFinished(() => direct.destroy());
    const proxy = await databaseProxy(url);
    const db = openDatabase({ url: proxy.url, poolSize: 3 });
    const logger = pino({ level: "silent" });
    const ledger = createLedger({ db, clock: fixedClock, logger, allowPastTimestamps: false });
    onTestFinished(async () => {
      await ledger.close();
      await db.destroy();
      await expectSound(direct);
    });
    await written(ledger, transaction("world > a 3 USD/2"));

    proxy.strike(fate);
    const pay = (n: number) =>
      script(`${send(`a > b:${n} 1 USD/2`)} set_account_meta(@b:${n}, "n", ${n})`);
    const results = await Promise.all([0, 1, 2, 3].map((n) => ledger.write("main", pay(n))));
    expect(proxy.struck).toBe(1);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, false]);
    const accounts = await direct("accounts").where({ ledger: 1 }).orderBy("id");
    expect(accounts.map(({ address, metadata }) => [address, metadata])).toEqual([
      ["world", {}],
      ["a", {}],
      ...[0, 1, 2].map((n) => [`b:${n}`, { n: { type: "number", value: n } }]),
    ]);
    expect(await direct("ledgers").pluck("next_log")).toEqual([7n]);
  },
);
