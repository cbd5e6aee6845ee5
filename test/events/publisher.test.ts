import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import type { Source } from "../../src/events/source.js";
import { ledgerEvents } from "../../src/ledger/events/ledgerEvents.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { testLedger, transaction } from "../ledger/support.js";
import { eventually } from "../support/eventually.js";
import { committedIds, memorySink, outletOf, publisherOf } from "./support.js";

const pay = (ledger: Ledger, name: string) =>
  ledger.write(name, transaction("world > users:1 1 COIN"));

const payOften = (ledger: Ledger, name: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => pay(ledger, name)));

const rowsIn = async (ledger: Ledger): Promise<number> => {
  const { rows } = await ledger.db.raw("/* test */ select count(*)::int as count from outbox");
  return rows[0].count;
};

test("an event is published as soon as it is committed", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const sink = memorySink("memory");
  const { wake } = await publisherOf(ledger.db, [outletOf(sink)], { pollMs: 60_000 });
  ledger.onCommit(wake);
  await pay(ledger, "main");
  await eventually(() => expect(sink.idsOf("main")).toEqual(["main:0:COMMITTED_TRANSACTIONS"]));
});

test("what another process has committed is found", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const sink = memorySink("memory");
  await publisherOf(ledger.db, [outletOf(sink)]);
  await pay(ledger, "main");
  await eventually(() => expect(sink.taken).toHaveLength(1));
});

test("every ledger's events come in order and completely, whatever the sinks' failures", async () => {
  const names = ["one", "two", "three"];
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(150), { maxLength: 15 }), async (faults) => {
      const ledger = await testLedger({ hasSinks: true });
      const moody = () => {
        let calls = 0;
        return () => (faults.includes(calls++) ? "defer" : "take");
      };
      const sinks = [memorySink("a", moody()), memorySink("b", moody()), memorySink("c")];
      const { wake } = await publisherOf(
        ledger.db,
        sinks.map((sink) => outletOf(sink)),
      );
      ledger.onCommit(wake);
      const writers = names.flatMap((name) => [name, name]);
      await Promise.all(
        writers.map(async (name) => {
          for (let round = 0; round < 5; round++) await payOften(ledger, name, 5);
        }),
      );
      for (const name of names) {
        const expected = await committedIds(ledger, name);
        expect(expected).toHaveLength(50);
        for (const sink of sinks) {
          await eventually(() => expect(sink.idsOf(name)).toEqual(expected));
        }
      }
    }),
    { numRuns: 3, endOnFailure: true },
  );
}, 60_000);

test("two publishers share the work: nothing is sent twice, and in order", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const sink = memorySink("memory");
  const other = openDatabase({
    url: ledger.db.client.config.connection.connectionString,
    poolSize: 4,
  });
  onTestFinished(() => other.destroy());
  const publishers = [
    await publisherOf(ledger.db, [outletOf(sink)]),
    await publisherOf(other, [outletOf(sink)]),
  ];
  for (const { wake } of publishers) ledger.onCommit(wake);
  const names = ["one", "two", "three", "four"];
  await Promise.all(names.map((name) => payOften(ledger, name, 100)));
  await eventually(() => expect(sink.taken.length).toBeGreaterThanOrEqual(400));
  for (const name of names) {
    const ids = sink.taken.filter(({ key }) => key === name).map(({ id }) => id);
    expect(ids).toEqual(await committedIds(ledger, name));
  }
});

/** A judge that takes all messages once `open` was called, and makes them wait before. */
function gate() {
  let open = () => {};
  const verdict = new Promise<"take">((resolve) => {
    open = () => resolve("take");
  });
  return { open, judge: () => verdict };
}

test.each([
  ["with more to send", 150],
  ["with nothing more to send", 50],
])("a publisher whose lease has run out, %s, cannot move the cursor any more", async (_, count) => {
  const ledger = await testLedger({ hasSinks: true });
  const [slow, fresh] = [gate(), gate()];
  const former = memorySink("memory", slow.judge);
  const heir = memorySink("memory", fresh.judge);
  // Known from before the writes, so that it is owed them.
  await ledger.db("sinks").insert({ name: "memory" });
  await payOften(ledger, "main", count);
  const stale = await publisherOf(ledger.db, [outletOf(former)], { leaseMs: 60_000 });
  await eventually(() => expect(former.held.length).toBeGreaterThan(0));

  await ledger.db.raw("/* test */ update event_cursors set leased_until = now()");
  await publisherOf(ledger.db, [outletOf(heir)]);
  await eventually(() => expect(heir.held.length).toBeGreaterThan(0));
  const cursor = () => ledger.db("event_cursors").where({ ledger: 1, sink: "memory" }).first();
  const before = await cursor();

  const sent = former.held.length;
  slow.open();
  await eventually(() => expect(former.taken).toHaveLength(sent));
  await stale.stop();
  expect(await cursor()).toMatchObject({ outbox_row: before.outbox_row, fence: before.fence });
  expect(former.taken).toHaveLength(sent);

  fresh.open();
  const expected = await committedIds(ledger, "main");
  await eventually(() => expect(heir.taken.map(({ id }) => id)).toEqual(expected));
});

test("a stopped publisher lets another go on at once, behind what was confirmed", async () => {
  const ledger = await testLedger({ hasSinks: true });
  let answer = (_: "defer") => {};
  const verdict = new Promise<"defer">((resolve) => {
    answer = resolve;
  });
  const first = memorySink("memory", ({ id }) => (id.startsWith("main:2:") ? verdict : "take"));
  const { stop } = await publisherOf(ledger.db, [outletOf(first)], { leaseMs: 60_000 });
  await payOften(ledger, "main", 4);
  await eventually(() => expect(first.taken).toHaveLength(2));
  const stopped = stop();
  answer("defer");
  await stopped;

  const second = memorySink("memory");
  await publisherOf(ledger.db, [outletOf(second)]);
  await eventually(() =>
    expect(second.taken.map(({ id }) => id.split(":")[1])).toEqual(["2", "3"]),
  );
});

test("a sink that is down, from the start on, gets all when it is back", async () => {
  const ledger = await testLedger({ hasSinks: true });
  let isDown = true;
  let attempts = 0;
  const sink = memorySink("memory", () => {
    attempts += 1;
    return isDown ? "defer" : "take";
  });
  await publisherOf(ledger.db, [outletOf(sink)]);
  await payOften(ledger, "main", 3);
  await eventually(() => expect(attempts).toBeGreaterThan(3));
  expect(sink.taken).toEqual([]);
  isDown = false;
  await eventually(() => expect(sink.taken).toHaveLength(3));
});

test("a sink that waits holds up neither another sink nor memory", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const stuck = memorySink("stuck", () => new Promise(() => {}));
  const swift = memorySink("swift");
  let made = 0;
  const source: Source = async function* (...place) {
    for await (const events of ledgerEvents(ledger.db)(...place)) {
      made += events.length;
      yield events;
    }
  };
  await publisherOf(ledger.db, [outletOf(stuck), outletOf(swift)], { source, drainMs: 0 });
  await payOften(ledger, "main", 1000);
  await eventually(() => expect(swift.taken).toHaveLength(1000));
  await eventually(() => expect(stuck.held.length).toBeGreaterThan(0));
  expect(made).toBeLessThanOrEqual(1000 + 100);
});

test("rows go when the last sink has passed them, and not before", async () => {
  const ledger = await testLedger({ hasSinks: true });
  let isOpen = false;
  const slow = memorySink("slow", () => (isOpen ? "take" : "defer"));
  const swift = memorySink("swift");
  await publisherOf(ledger.db, [outletOf(slow), outletOf(swift)]);
  for (let round = 0; round < 3; round++) await pay(ledger, "main");
  await eventually(() => expect(swift.taken).toHaveLength(3));
  expect(await rowsIn(ledger)).toBe(3);
  isOpen = true;
  await eventually(async () => expect(await rowsIn(ledger)).toBe(0));
  expect(slow.taken).toHaveLength(3);
});

test("a sink that is configured later gets the events from then on, of new ledgers all", async () => {
  const ledger = await testLedger({ hasSinks: true });
  // It keeps the first event in the outbox.
  const first = memorySink("first", () => "defer");
  await publisherOf(ledger.db, [outletOf(first)]);
  await pay(ledger, "old");

  const second = memorySink("second");
  await publisherOf(ledger.db, [outletOf(first), outletOf(second)]);
  await pay(ledger, "old");
  await pay(ledger, "new");
  await eventually(() => expect(second.taken).toHaveLength(2));
  expect(second.idsOf("old")).toEqual(["old:1:COMMITTED_TRANSACTIONS"]);
  expect(second.idsOf("new")).toEqual(["new:0:COMMITTED_TRANSACTIONS"]);
});

const sawLast = (ledger: Ledger, sink: string, ago: string) =>
  ledger.db.raw("update sinks set seen_at = now() - ?::interval where name = ?", [ago, sink]);

test("a sink that is configured again within a week gets what it missed", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const gone = await publisherOf(ledger.db, [outletOf(memorySink("gone"))]);
  await gone.stop();
  await sawLast(ledger, "gone", "6 days");
  const [here, back] = [memorySink("here"), memorySink("gone")];
  await publisherOf(ledger.db, [outletOf(here)]);
  await pay(ledger, "main");
  await eventually(() => expect(here.taken).toHaveLength(1));
  await publisherOf(ledger.db, [outletOf(back)]);
  await eventually(() => expect(back.taken).toHaveLength(1));
});

test("a sink that nobody has configured for a week is forgotten, and does not hold rows", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const gone = await publisherOf(ledger.db, [outletOf(memorySink("gone"))]);
  await gone.stop();
  await pay(ledger, "main");
  const sink = memorySink("here");
  const before = await publisherOf(ledger.db, [outletOf(sink)]);
  await pay(ledger, "main");
  await eventually(() => expect(sink.taken).toHaveLength(1));
  await before.stop();
  expect(await rowsIn(ledger)).toBe(2);

  await sawLast(ledger, "gone", "8 days");
  await publisherOf(ledger.db, [outletOf(sink)]);
  await pay(ledger, "main");
  await eventually(async () => expect(await rowsIn(ledger)).toBe(0));

  const back = memorySink("gone");
  await publisherOf(ledger.db, [outletOf(back)]);
  await pay(ledger, "main");
  await eventually(() => expect(back.idsOf("main")).toEqual(["main:3:COMMITTED_TRANSACTIONS"]));
});

test("without sinks nothing is kept for them, and one that comes later is not confused by that", async () => {
  const ledger = await testLedger();
  await pay(ledger, "main");
  expect(await rowsIn(ledger)).toBe(0);
  await ledger.close();

  const sink = memorySink("memory");
  await publisherOf(ledger.db, [outletOf(sink)]);
  const passed = (event: bigint) =>
    eventually(async () => {
      const [cursor] = await ledger.db("event_cursors").where({ ledger: 1, sink: "memory" });
      expect(cursor).toMatchObject({ outbox_row: event, sent: 0, leased_until: null });
    });
  const silent = await testLedger({ db: ledger.db });
  await pay(silent, "main");
  await silent.close();
  await passed(2n);
  const telling = await testLedger({ db: ledger.db, hasSinks: true });
  await pay(telling, "main");
  await passed(3n);
  expect(sink.idsOf("main")).toEqual(["main:2:COMMITTED_TRANSACTIONS"]);
});

test("metrics tell what was published, what failed, and how far behind each sink is", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const down = memorySink("down", () => "defer");
  const up = memorySink("up");
  const { registry } = await publisherOf(ledger.db, [outletOf(down), outletOf(up)]);
  await payOften(ledger, "main", 3);
  await eventually(() => expect(up.taken).toHaveLength(3));
  const valueIn = async (line: RegExp) => Number(line.exec(await registry.metrics())?.[1]);
  await eventually(async () => {
    expect(await valueIn(/^florin_events_published_total\{sink="up".*\} (\S+)$/m)).toBe(3);
    expect(await valueIn(/^florin_events_failures_total\{sink="down"\} (\S+)$/m)).toBeGreaterThan(
      0,
    );
    // The ledger's clock stands still in 2023.
    expect(await valueIn(/^florin_events_lag_seconds\{sink="down"\} (\S+)$/m)).toBeGreaterThan(1e6);
    expect(await valueIn(/^florin_events_lag_seconds\{sink="up"\} (\S+)$/m)).toBe(0);
  });
});
