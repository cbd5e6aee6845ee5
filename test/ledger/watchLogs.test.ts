import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { type Db, openDatabase } from "../../src/db/database.js";
import { createLedger, type Ledger } from "../../src/ledger/ledger.js";
import { createLogWatch, type WatchLogs } from "../../src/ledger/watchLogs.js";
import { testDatabaseUrl } from "../support/database.js";
import { keptLogger } from "../support/evidence.js";
import { databaseProxy } from "./databaseProxy.js";
import { expectSound, fixedClock, testLedger, transaction } from "./support.js";

afterEach(() => vi.useRealTimers());

const pay = (ledger: Ledger, name = "main") => ledger.write(name, transaction("world > a 1 USD/2"));

async function payAll(ledger: Ledger, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => pay(ledger)));
}

/** Another process on the same database. */
const elsewhere = ({ db }: Ledger) => testLedger({ db });

/** Somebody who watches the logs after `after`, and leaves when the test is over. */
function watcher(watch: WatchLogs, after: bigint | null = null, name = "main") {
  const absence = new AbortController();
  const logs = watch(name, after, absence.signal);
  onTestFinished(() => absence.abort());
  return {
    /** The ids of the next `count` logs. */
    async read(count: number): Promise<bigint[]> {
      const ids: bigint[] = [];
      while (ids.length < count) ids.push((await logs.next()).value.id);
      return ids;
    },
    leave: () => absence.abort(),
    /** How the watch ended. */
    end: () => logs.next(),
  };
}

const from = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => BigInt(first + index));

/** `ledger`, of which is known how many listen to its commits and how many statements ask for its logs. */
function observed(ledger: Ledger) {
  const seen = { listeners: 0, reads: 0 };
  ledger.db.on("query", ({ sql }) => {
    if (/from "logs"/.test(sql)) seen.reads++;
  });
  return {
    seen,
    ledger: {
      ...ledger,
      onCommit(listener: (name: string) => void) {
        seen.listeners++;
        const end = ledger.onCommit(listener);
        return () => {
          seen.listeners--;
          end();
        };
      },
    },
  };
}

test("a watcher is told the history, from any log on, then each log as it comes", async () => {
  const ledger = await testLedger();
  const watch = createLogWatch(ledger);
  await payAll(ledger, 600);
  const [all, some, next] = [watcher(watch), watcher(watch, 296n), watcher(watch, 599n)];
  expect(await all.read(600)).toEqual(from(0, 600));
  expect(await some.read(303)).toEqual(from(297, 303));
  const coming = [all.read(1), some.read(1), next.read(1)];
  await pay(ledger);
  expect(await Promise.all(coming)).toEqual([[600n], [600n], [600n]]);
});

test("a ledger that nobody has written to can be watched, and numbers beyond any log too", async () => {
  const ledger = await testLedger();
  const watch = createLogWatch(ledger);
  const [first, third, never] = [
    watcher(watch).read(1),
    watcher(watch, 1n).read(1),
    watcher(watch, 2n ** 64n - 1n),
  ];
  const end = never.end();
  await payAll(ledger, 3);
  expect(await first).toEqual([0n]);
  expect(await third).toEqual([2n]);
  never.leave();
  await expect(end).rejects.toMatchObject({ name: "AbortError" });
});

test("commits of this process are told at once, without a look at the clock", async () => {
  const ledger = await testLedger();
  await pay(ledger);
  const { read } = watcher(createLogWatch(ledger));
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  expect(await read(1)).toEqual([0n]);
  const next = read(1);
  await pay(ledger);
  expect(await next).toEqual([1n]);
});

test("commits of other processes are noticed, a ledger's first one too", async () => {
  const ledger = await testLedger();
  const other = await elsewhere(ledger);
  const { read } = watcher(createLogWatch(ledger));
  const first = read(1);
  await pay(other);
  expect(await first).toEqual([0n]);
  const more = read(2);
  await payAll(other, 2);
  expect(await more).toEqual([1n, 2n]);
});

test("while two processes write, no watcher misses a log or sees one twice, however often it comes back", async () => {
  const ledger = await testLedger();
  const other = await elsewhere(ledger);
  const watch = createLogWatch(ledger);
  const total = 1500;
  const follow = async (rest: number) => {
    const seen: bigint[] = [];
    while (seen.length < total) {
      const { read, leave } = watcher(watch, seen.at(-1) ?? null);
      seen.push(...(await read(Math.min(rest, total - seen.length))));
      leave();
    }
    return seen;
  };
  const write = async (writer: Ledger) => {
    for (let left = total / 2; left > 0; left -= 50) await payAll(writer, 50);
  };
  const followers = [1, 7, 100, 260, total].map(follow);
  await Promise.all([write(ledger), write(other)]);
  for (const seen of await Promise.all(followers)) expect(seen).toEqual(from(0, total));
});

test("who does not read holds nobody up, and finds all when he reads on", async () => {
  const ledger = await testLedger();
  const watch = createLogWatch(ledger);
  const [slow, quick] = [watcher(watch), watcher(watch)];
  await pay(ledger);
  expect([await slow.read(1), await quick.read(1)]).toEqual([[0n], [0n]]);
  const rest = quick.read(2500);
  await payAll(ledger, 2500);
  expect(await rest).toEqual(from(1, 2500));
  expect(await slow.read(2500)).toEqual(from(1, 2500));
});

test("a thousand watchers read each new log once together, and leave nothing behind", async () => {
  const { ledger, seen } = observed(await testLedger());
  const watch = createLogWatch(ledger);
  await payAll(ledger, 10);
  // Once it has what was there, what it tells next is new to all.
  const first = watcher(watch, 8n);
  expect(await first.read(1)).toEqual([9n]);
  const watchers = [first, ...Array.from({ length: 999 }, () => watcher(watch, 9n))];
  const coming = watchers.map(({ read }) => read(20));
  expect(seen.listeners).toBe(1);
  for (let left = 20; left > 0; left--) await pay(ledger);
  for (const ids of await Promise.all(coming)) expect(ids).toEqual(from(10, 20));
  expect(seen.reads).toBeGreaterThan(0);
  expect(seen.reads).toBeLessThan(50);

  const ends = watchers.map(({ end }) => end());
  for (const { leave } of watchers) leave();
  const codes = await Promise.allSettled(ends);
  expect(new Set(codes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
  expect(seen.listeners).toBe(0);
});

test("nobody is told that all is well when the database is gone, and later all is well again", async () => {
  const url = await testDatabaseUrl();
  const proxy = await databaseProxy(url);
  const open = (through: string): Db => openDatabase({ url: through, poolSize: 3 });
  const [struck, direct] = [open(proxy.url), open(url)];
  const ledger = createLedger({
    db: struck,
    clock: fixedClock,
    logger: keptLogger(),
    allowPastTimestamps: false,
    limits: { patienceMs: 0 },
  });
  onTestFinished(async () => {
    await ledger.close();
    await struck.destroy();
    await expectSound(direct);
    await direct.destroy();
  });
  const watch = createLogWatch(ledger);
  await pay(ledger);
  const live = watcher(watch);
  const slow = watcher(watch);
  expect([await live.read(1), await slow.read(1)]).toEqual([[0n], [0n]]);
  const ended = expect(live.end()).rejects.toThrow();
  proxy.strike("server gone");
  await pay(ledger);
  await ended;
  proxy.recover();
  await pay(ledger);
  const again = watcher(watch);
  expect(await again.read(2)).toEqual([0n, 1n]);
  const news = again.read(1);
  await pay(ledger);
  expect(await news).toEqual([2n]);
  await expect(slow.end()).rejects.toThrow();
});
