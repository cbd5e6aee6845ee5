import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDatabase, withConnection } from "../../src/db/database.js";
import { NO_MAPPING } from "../../src/ledger/domain/mapping.js";
import type { Metadata } from "../../src/ledger/domain/metadata.js";
import { createLedger, type Ledger } from "../../src/ledger/ledger.js";
import { loadAnswers } from "../../src/ledger/store/loadAnswers.js";
import { failpoints, type Instant } from "../../src/lib/failpoint.js";
import { testDatabaseUrl } from "../support/database.js";
import { databaseProxy } from "./databaseProxy.js";
import { script } from "./scripts.js";
import { expectSound, fixedClock, request, testLedger, transaction } from "./support.js";

/** A ledger whose connections can be struck, and one that sees the database as it is. */
async function strikeable(limits: { patienceMs?: number } = {}) {
  const url = await testDatabaseUrl();
  const direct = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => direct.destroy());
  const proxy = await databaseProxy(url);
  const db = openDatabase({ url: proxy.url, poolSize: 3, silenceMs: 200 });
  const ledger = createLedger({
    db,
    clock: fixedClock,
    logger: pino({ level: "silent" }),
    allowPastTimestamps: false,
    limits,
  });
  onTestFinished(async () => {
    await ledger.close();
    await db.destroy();
    await expectSound(direct);
  });
  return { ledger, proxy, direct };
}

const write = (ledger: Ledger, name = "main") =>
  ledger.write(name, transaction("world > a 1 USD/2"));

describe.each(["answer lost", "silence", "request lost", "late"] as const)(
  "with a commit's %s",
  (fate) => {
    test("a write is neither lost nor doubled", async () => {
      const { ledger, proxy, direct } = await strikeable();
      await write(ledger);
      proxy.strike(fate);
      const batch = await Promise.all(Array.from({ length: 5 }, () => write(ledger)));
      expect(proxy.struck).toBe(1);
      expect(batch.every(({ ok }) => ok)).toBe(true);
      expect((await write(ledger)).ok).toBe(true);
      expect(await direct("ledgers").pluck("next_txid")).toEqual([7n]);
    });

    test("an update of the mapping is neither lost nor doubled", async () => {
      const { ledger, proxy, direct } = await strikeable();
      await write(ledger);
      proxy.strike(fate);
      const update = request({ kind: "update-mapping", mapping: NO_MAPPING }, { key: "k" });
      const [first, second] = await Promise.all([1, 2].map(() => ledger.write("main", update)));
      expect(proxy.struck).toBe(1);
      expect([first, second]).toMatchObject([
        { ok: true, value: { isReplay: false } },
        { ok: true, value: { isReplay: true } },
      ]);
      expect((await write(ledger)).ok).toBe(true);
      expect(await direct("mappings").where({ ledger: 1 }).pluck("event")).toEqual([1n]);
    });

    test("a ledger's first write is neither lost nor doubled", async () => {
      const { ledger, proxy, direct } = await strikeable();
      proxy.strike(fate);
      expect((await write(ledger)).ok).toBe(true);
      expect(proxy.struck).toBe(1);
      expect(await direct("ledgers").pluck("next_txid")).toEqual([1n]);
    });
  },
);

test("a lost write does not take the same write of another process for its own", async () => {
  const { ledger, proxy, direct } = await strikeable();
  const other = await testLedger({ db: direct });
  await write(ledger);
  proxy.strike("server gone");
  const lost = write(ledger);
  await expect.poll(() => proxy.struck).toBe(1);
  expect((await write(other)).ok).toBe(true);
  proxy.recover();
  expect((await lost).ok).toBe(true);
  expect(await direct("ledgers").pluck("next_txid")).toEqual([3n]);
});

test("when the server goes away during a commit, the answer is that nobody knows", async () => {
  const { ledger, proxy } = await strikeable({ patienceMs: 200 });
  proxy.strike("server gone");
  expect(await write(ledger)).toEqual({ ok: false, failure: { kind: "outcome-unknown" } });
  expect(await write(ledger)).toEqual({ ok: false, failure: { kind: "unavailable" } });
});

test("when every commit is lost, trying ends", async () => {
  const { ledger, proxy } = await strikeable({ patienceMs: 500 });
  await write(ledger);
  proxy.strike("request lost", Number.POSITIVE_INFINITY);
  expect(await write(ledger)).toEqual({ ok: false, failure: { kind: "unavailable" } });
  expect(proxy.struck).toBeGreaterThan(1);
  proxy.strike("request lost");
  expect((await write(ledger)).ok).toBe(true);
});

test("a request that cannot be saved fails alone, and its neighbours are committed in order", async () => {
  const ledger = await testLedger();
  const bad = transaction("world > a 1 USD/2", { metadata: { text: "\u0000" } });
  const good = Array.from({ length: 9 }, (_, index) =>
    transaction("world > a 1 USD/2", { reference: `r${index}` }),
  );
  const requests = [...good.slice(0, 4), bad, ...good.slice(4)];
  const settled = await Promise.allSettled(requests.map((each) => ledger.write("main", each)));
  expect(settled.map(({ status }) => status)).toEqual(
    requests.map((each) => (each === bad ? "rejected" : "fulfilled")),
  );
  const references = await ledger.db("logs").where({ ledger: 1 }).orderBy("id").pluck("reference");
  expect(references).toEqual(good.map((_, index) => `r${index}`));
});

test("a write is not made again because a listener fails", async () => {
  const ledger = await testLedger();
  ledger.onCommit(() => {
    throw new TypeError("a listener's mistake");
  });
  const told: string[] = [];
  ledger.onCommit((name) => told.push(name));
  await Promise.all([write(ledger), write(ledger)]);
  await write(ledger);
  expect(await ledger.db("ledgers").pluck("next_txid")).toEqual([3n]);
  expect(told).toEqual(["main", "main"]);
});

test("a mistake of ours leaves no transaction open", async () => {
  const ledger = await testLedger();
  await write(ledger);
  const mistake = request({ kind: "set-metadata", target: null as never, metadata: {} });
  await expect(ledger.write("main", mistake)).rejects.toThrow(TypeError);
  const { rows } = await ledger.db.raw("select pg_current_xact_id_if_assigned() as xid");
  expect(rows).toEqual([{ xid: null }]);
});

test("of fifty concurrent requests with one idempotency key one is committed, and all get its answer", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  const same = transaction("world > a 1 USD/2", { key: "k", metadata: { n: 0.1 } });
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) => (index % 2 ? one : other).write("main", same)),
  );
  const receipts = results.map((result) => {
    if (!result.ok) throw new Error(result.failure.kind);
    return result.value;
  });
  expect(receipts.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
  for (const { entries } of receipts) expect(entries).toEqual(receipts[0]?.entries);
  expect(await one.db("ledgers").pluck("next_txid")).toEqual([1n]);
});

test("an answer is that of its time, whatever was written since", async () => {
  const ledger = await testLedger();
  const create = transaction("world > a 1 USD/2", { key: "k", metadata: { a: 1 } });
  const first = await ledger.write("main", create);
  const set = { kind: "set-metadata", target: { txid: 0n }, metadata: { a: 2 } } as const;
  await ledger.write("main", request(set));
  const again = await ledger.write("main", create);
  expect(first.ok && again.ok && again.value.entries).toEqual(first.ok && first.value.entries);
});

test("nothing is kept under the key of a refused request or a preview", async () => {
  const ledger = await testLedger();
  const payment = transaction("a > b 1 USD/2", { key: "k" });
  expect((await ledger.write("main", payment)).ok).toBe(false);
  await ledger.write("main", transaction("world > a 1 USD/2"));
  const preview = transaction("a > b 1 USD/2", { key: "p", isPreview: true });
  expect((await ledger.write("main", preview)).ok).toBe(true);
  expect(await ledger.write("main", payment)).toMatchObject({
    ok: true,
    value: { isReplay: false },
  });
  expect(await ledger.db("idempotency_keys").where({ ledger: 1 }).pluck("key")).toEqual(["k"]);
});

test("a revert of what was made just before it is refused if its reference was taken long ago", async () => {
  const ledger = await testLedger();
  await ledger.write("main", transaction("world > a 1 USD/2", { reference: "revert_r" }));
  const results = await Promise.all([
    ledger.write("main", transaction("world > a 1 USD/2", { reference: "r" })),
    ledger.write("main", request({ kind: "revert-transaction", txid: 1n })),
    write(ledger),
  ]);
  expect(results).toMatchObject([
    { ok: true },
    { ok: false, failure: { kind: "reference-taken", reference: "revert_r" } },
    { ok: true },
  ]);
});

test("a key means one request: another one under it is refused, a preview of the same too", async () => {
  const ledger = await testLedger();
  const refused = { ok: false, failure: { kind: "idempotency-key-reused", key: "k" } };
  const results = await Promise.all([
    ledger.write("main", transaction("world > a 1 USD/2", { key: "k" })),
    ledger.write("main", transaction("world > a 2 USD/2", { key: "k" })),
  ]);
  expect(results[1]).toEqual(refused);
  const preview = transaction("world > a 1 USD/2", { key: "k", isPreview: true });
  expect(await ledger.write("main", preview)).toEqual(refused);
  expect((await ledger.write("other", transaction("world > a 2 USD/2", { key: "k" }))).ok).toBe(
    true,
  );
});

test("what was written under a key is not read for another request under it", async () => {
  const ledger = await testLedger();
  const first = transaction("world > a 1 USD/2", { key: "k" });
  const other = transaction("world > a 2 USD/2", { key: "k" });
  await ledger.write("main", first);
  const read = await withConnection(ledger.db, (connection) =>
    Promise.all(
      [[first], [other], [other, first]].map((requests) =>
        loadAnswers(
          connection,
          1,
          requests.flatMap(({ idempotency }) => idempotency ?? []),
        ),
      ),
    ),
  );
  const requestHash = first.idempotency?.requestHash;
  expect(read.map((answers) => answers.get("k"))).toMatchObject(
    [1, 0, 1].map((length) => ({ requestHash, entries: { length } })),
  );
});

/** Holds the head of "main", which has to exist, until it is let go. */
async function holdHead({ db }: Ledger): Promise<() => Promise<unknown>> {
  const trx = await db.transaction();
  await trx("ledgers").where({ name: "main" }).forUpdate().select("id");
  return () => trx.rollback();
}

test("a full queue refuses at once, by number and by size", async () => {
  const ledger = await testLedger({ limits: { maxWaiting: 3, maxWaitingBytes: 10_000 } });
  await write(ledger);
  const letGo = await holdHead(ledger);
  const running = write(ledger);
  await new Promise(setImmediate);
  const big = transaction("world > a 1 USD/2", { metadata: { text: "x".repeat(10_000) } });
  const full = { ok: false, failure: { kind: "queue-full" } };
  expect(await ledger.write("main", big)).toEqual(full);
  const waiting = [write(ledger), write(ledger), write(ledger)];
  expect(await write(ledger)).toEqual(full);
  expect((await write(ledger, "other")).ok).toBe(true);
  await letGo();
  for (const result of await Promise.all([running, ...waiting])) expect(result.ok).toBe(true);
  // What was answered makes room again.
  const large = transaction("world > a 1 USD/2", { metadata: { text: "x".repeat(8_000) } });
  for (let round = 0; round < 3; round++) {
    expect((await ledger.write("main", large)).ok).toBe(true);
  }
});

test("a ledger that somebody else holds for too long is not waited for any longer", async () => {
  const url = await testDatabaseUrl();
  const db = openDatabase({ url, poolSize: 3 });
  const reserved = openDatabase({ url, poolSize: 1, lockTimeoutMs: 50 });
  onTestFinished(async () => {
    await db.destroy();
    await reserved.destroy();
  });
  const ledger = await testLedger({ db, reserved, limits: { patienceMs: 300 } });
  await write(ledger);
  const letGo = await holdHead(ledger);
  const held = { ok: false, failure: { kind: "ledger-held" } };
  expect(await Promise.all([write(ledger), write(ledger)])).toEqual([held, held]);
  await letGo();
  expect((await write(ledger)).ok).toBe(true);
  expect(await db("ledgers").pluck("next_txid")).toEqual([2n]);
});

test("a request whose caller has left when its turn comes writes nothing", async () => {
  const ledger = await testLedger();
  await write(ledger);
  const letGo = await holdHead(ledger);
  const controller = new AbortController();
  const { signal } = controller;
  const running = ledger.write("main", transaction("world > a 1 USD/2"), signal);
  await new Promise(setImmediate);
  const waiting = ledger.write("main", transaction("world > a 1 USD/2"), signal);
  const patient = write(ledger);
  controller.abort(new Error("time is up"));
  await Promise.all([letGo(), expect(waiting).rejects.toThrow("time is up")]);
  expect((await running).ok).toBe(true);
  expect(await patient).toMatchObject({ value: { entries: [{ transaction: { txid: 2n } }] } });
});

test("closing answers what waits and takes no more", async () => {
  const ledger = await testLedger();
  let committed = 0;
  for (let index = 0; index < 20; index++) {
    void write(ledger).then(({ ok }) => {
      if (ok) committed++;
    });
  }
  const closed = ledger.close();
  expect(await write(ledger)).toEqual({ ok: false, failure: { kind: "closing" } });
  await closed;
  await new Promise(setImmediate);
  expect(committed).toBe(20);
});

/** Process ids of the backends that wait for a lock, once there are any. */
async function waitingBackends({ db }: Ledger): Promise<number[]> {
  let pids: number[] = [];
  await expect
    .poll(async () => {
      const { rows } = await db.raw(
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      pids = rows.map(({ pid }: { pid: number }) => pid);
      return pids.length;
    })
    .toBeGreaterThan(0);
  return pids;
}

test("a batch that is given up in a deadlock is run again", async () => {
  const ledger = await testLedger();
  await write(ledger);
  const trx = await ledger.db.transaction();
  // Who looks whether he waits in a ring, and does, is given up. We do not look.
  await trx.raw("/* test */ set local deadlock_timeout = '1h'");
  await trx("volumes").where({ ledger: 1 }).forUpdate().select("asset");
  const waitForHead = async () => {
    const head = trx("ledgers").where({ name: "main" }).forUpdate().select("id");
    void head.then(() => trx.rollback());
    await waitingBackends(ledger);
  };
  let decided = 0;
  Object.assign(failpoints, {
    // It holds the head by now, and not yet the volumes.
    async reached(instant: Instant) {
      if (instant === "decided" && decided++ === 0) await waitForHead();
    },
  });
  onTestFinished(() => {
    Object.assign(failpoints, { reached: null });
  });
  expect((await write(ledger)).ok).toBe(true);
  expect(decided).toBe(2);
  expect(await ledger.db("ledgers").pluck("next_txid")).toEqual([2n]);
}, 60_000);

test("a batch whose backend is terminated before its commit is run again", async () => {
  const ledger = await testLedger();
  await write(ledger);
  const letGo = await holdHead(ledger);
  const waiting = write(ledger);
  for (const pid of await waitingBackends(ledger)) {
    await ledger.db.raw("select pg_terminate_backend(?)", [pid]);
  }
  await letGo();
  expect((await waiting).ok).toBe(true);
});

test("a script may be told what to read next by what it reads, but not for ever", async () => {
  const ledger = await testLedger();
  const place = (n: number) => `place:${n}`;
  const next = (n: number): Metadata => ({ next: { type: "account", value: place(n + 1) } });
  await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      ledger.write(
        "main",
        request({ kind: "set-metadata", target: { account: place(n) }, metadata: next(n) }),
      ),
    ),
  );
  const walk = (steps: number) => {
    const origins = Array.from(
      { length: steps },
      (_, n) => `account $a${n + 1} = meta($a${n}, "next")`,
    );
    return script(
      `vars { account $a0
        ${origins.join("\n")} }
      send [USD/2 1] (source = @world destination = $a${steps})`,
      { variables: { a0: place(0) } },
    );
  };
  const [short, endless, other] = await Promise.all([
    ledger.write("main", walk(50)),
    ledger.write("main", walk(90)),
    ledger.write("main", transaction("world > a 1 USD/2")),
  ]);
  expect(short).toMatchObject({
    value: { entries: [{ transaction: { postings: [{ destination: place(50) }] } }] },
  });
  expect(endless).toEqual({ ok: false, failure: { kind: "too-many-reads" } });
  expect(other?.ok).toBe(true);
});
