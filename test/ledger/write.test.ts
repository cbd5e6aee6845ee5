import { expect, test } from "vitest";
import type { Request } from "../../src/ledger/domain/command.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { NOW, posting, request, testLedger, transaction } from "./support.js";

/** The one transaction that a request wrote or showed. */
async function written(ledger: Ledger, request: Request) {
  const result = await ledger.write("main", request);
  if (!result.ok) throw new Error(`refused: ${result.failure.kind}`);
  const [entry] = result.value.entries;
  if (entry?.type !== "NEW_TRANSACTION") throw new Error("no transaction");
  return entry.transaction;
}

const refusal = async (ledger: Ledger, request: Request) => {
  const result = await ledger.write("main", request);
  return result.ok ? null : result.failure;
};

test("a transaction has consecutive numbers, volumes before and after, and what was sent", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > a 100 USD/2"));
  const metadata = { note: "café", deep: { n: [1.5, null, true] } };
  const second = transaction(["a > b 30 USD/2", "b > c 10 USD/2"], {
    reference: "order-1",
    metadata,
  });
  expect(await written(ledger, second)).toEqual({
    txid: 1n,
    postings: [posting("a > b 30 USD/2"), posting("b > c 10 USD/2")],
    reference: "order-1",
    metadata,
    timestamp: NOW,
    volumes: [
      {
        account: "a",
        asset: "USD/2",
        before: { input: 100n, output: 0n },
        after: { input: 100n, output: 30n },
      },
      {
        account: "b",
        asset: "USD/2",
        before: { input: 0n, output: 0n },
        after: { input: 30n, output: 10n },
      },
      {
        account: "c",
        asset: "USD/2",
        before: { input: 0n, output: 0n },
        after: { input: 10n, output: 0n },
      },
    ],
  });
});

test("of fifty spenders racing for one balance, exactly one is paid", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > users:1 100 USD/2"));
  const race = Array.from({ length: 50 }, (_, shop) =>
    ledger.write("main", transaction(`users:1 > shop:${shop} 100 USD/2`)),
  );
  const paid = (await Promise.all(race)).filter(({ ok }) => ok);
  expect(paid).toHaveLength(1);
});

test("two processes write one ledger: no number is skipped or given twice", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  const writes = Array.from({ length: 200 }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index % 20));
    return written(index % 2 ? one : other, transaction(`world > users:${index % 7} 1 USD/2`));
  });
  const txids = (await Promise.all(writes)).map(({ txid }) => Number(txid));
  expect(txids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, txid) => txid));
});

test("two processes racing to spend see each other's payments", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  await written(one, transaction("world > a 10 USD/2"));
  await written(other, transaction("world > a 10 USD/2"));
  const race = Array.from({ length: 60 }, async (_, index) => {
    await new Promise((resolve) => setImmediate(resolve));
    return (index % 2 ? one : other).write("main", transaction("a > b 1 USD/2"));
  });
  expect((await Promise.all(race)).filter(({ ok }) => ok)).toHaveLength(20);
});

test("of many who revert the same transactions through two processes, one reverts each", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  for (let txid = 0; txid < 5; txid++) await written(one, transaction("world > a 1 USD/2"));
  // Money that a second revert would find.
  await written(one, transaction("world > a 1000 USD/2"));
  const race = Array.from({ length: 50 }, async (_, index) => {
    await new Promise((resolve) => setImmediate(resolve));
    const txid = BigInt(index % 5);
    const ledger = index % 4 < 2 ? one : other;
    return ledger.write("main", request({ kind: "revert-transaction", txid }));
  });
  const kinds = (await Promise.all(race)).map((result) => result.ok || result.failure.kind);
  expect(kinds.filter((kind) => kind === true)).toHaveLength(5);
  expect(kinds.filter((kind) => kind === "already-reverted")).toHaveLength(45);
});

test("the first writes of many ledgers at once each make their own", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  const names = ["a", "b", "c", "d", "e"];
  const writes = names.flatMap((name) =>
    [one, other].map((ledger) => ledger.write(name, transaction("world > a 1 USD/2"))),
  );
  expect((await Promise.all(writes)).every(({ ok }) => ok)).toBe(true);
  const rows = await one.db("ledgers").select("name", "next_txid").orderBy("name");
  expect(rows).toEqual(names.map((name) => ({ name, next_txid: 2n })));
});

test("a refused first write leaves no ledger behind, nor does a preview", async () => {
  const ledger = await testLedger();
  expect(await refusal(ledger, transaction("a > b 1 USD/2"))).toMatchObject({
    kind: "insufficient-funds",
  });
  await written(ledger, transaction("world > b 1 USD/2", { isPreview: true }));
  expect(await ledger.db("ledgers")).toEqual([]);
});

test("a preview shows what would be committed, checks included, and changes nothing", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > a 5 USD/2", { reference: "used" }));
  const preview = await written(ledger, transaction("a > b 5 USD/2", { isPreview: true }));
  expect(preview.txid).toBe(1n);
  expect(await refusal(ledger, transaction("a > b 6 USD/2", { isPreview: true }))).toMatchObject({
    kind: "insufficient-funds",
  });
  const taken = transaction("a > b 1 USD/2", { reference: "used", isPreview: true });
  expect(await refusal(ledger, taken)).toMatchObject({ kind: "reference-taken" });
  expect(await written(ledger, transaction("a > b 5 USD/2"))).toEqual(preview);
});

test("insufficient funds name the first account and asset in posting order, and the numbers", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > a 70 USD/2"));
  const postings = ["a > b 30 USD/2", "c > b 1 EUR/2", "a > b 50 USD/2"];
  expect(await refusal(ledger, transaction(postings))).toEqual({
    kind: "insufficient-funds",
    account: "a",
    asset: "USD/2",
    available: 70n,
    needed: 80n,
  });
});

test("only the end of a transaction must be covered", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction(["a > b 10 USD/2", "world > a 10 USD/2"]));
  await written(ledger, transaction(["c > c 10 USD/2", "c > d 0 USD/2"]));
});

test("a reference is taken once, in a batch too", async () => {
  const ledger = await testLedger();
  const again = transaction("world > a 1 USD/2", { reference: "order 1" });
  const results = await Promise.all([1, 2, 3].map(() => ledger.write("main", again)));
  expect(results.map(({ ok }) => ok)).toEqual([true, false, false]);
  expect(await refusal(ledger, again)).toEqual({ kind: "reference-taken", reference: "order 1" });
  const { command } = again;
  if (command.kind !== "create-transactions") throw new Error();
  const [new1] = command.transactions;
  if (!new1) throw new Error();
  const twins = [
    { ...new1, reference: "new" },
    { ...new1, reference: "new" },
  ];
  const both = request({ kind: "create-transactions", transactions: twins });
  expect(await refusal(ledger, both)).toEqual({ kind: "reference-taken", reference: "new" });
});

test("a timestamp before the last transaction's is refused, an equal or later one taken", async () => {
  const ledger = await testLedger();
  const at = (timestamp: bigint) => transaction("world > a 1 USD/2", { timestamp });
  expect((await written(ledger, at(NOW + 500_000n))).timestamp).toBe(NOW + 500_000n);
  await written(ledger, at(NOW + 500_000n));
  const last = NOW + 500_000n;
  expect(await refusal(ledger, at(NOW))).toEqual({ kind: "past-timestamp", given: NOW, last });
});

test("without a timestamp it is now, cut to the second, or the last one if that is later", async () => {
  const ledger = await testLedger({ clock: () => NOW + 999_999n });
  const write = (timestamp?: bigint) =>
    written(ledger, transaction("world > a 1 USD/2", timestamp === undefined ? {} : { timestamp }));
  expect((await write()).timestamp).toBe(NOW);
  await write(NOW + 3_600_000_001n);
  expect((await write()).timestamp).toBe(NOW + 3_600_000_001n);
});

test("with past timestamps allowed, the last transaction's still is the default", async () => {
  const ledger = await testLedger({ allowPastTimestamps: true });
  const old = NOW - 1_000_000n;
  await written(ledger, transaction("world > a 1 USD/2"));
  expect(
    (await written(ledger, transaction("world > a 1 USD/2", { timestamp: old }))).timestamp,
  ).toBe(old);
});

test("amounts have no size limit", async () => {
  const ledger = await testLedger();
  const huge = "9".repeat(40);
  const digits = "7".repeat(100_000);
  await written(
    ledger,
    transaction(["world > a 9007199254740993 USD/2", `world > a ${huge} USD/2`]),
  );
  await written(ledger, transaction(`a > b ${huge} USD/2`));
  const { volumes } = await written(ledger, transaction(`world > b ${digits} USD/2`));
  expect(volumes[1]?.after.input).toBe(BigInt(digits) + BigInt(huge));
});

test("several transactions are made together, each seeing those before, or not at all", async () => {
  const ledger = await testLedger();
  const each = { reference: null, metadata: {}, timestamp: null };
  const together = (...texts: string[]) =>
    request({
      kind: "create-transactions",
      transactions: texts.map((text) => ({ ...each, postings: [posting(text)] })),
    });
  const result = await ledger.write("main", together("world > a 10 USD/2", "a > b 10 USD/2"));
  expect(result.ok && result.value.entries).toHaveLength(2);
  expect(await refusal(ledger, together("b > c 10 USD/2", "b > c 1 USD/2"))).toMatchObject({
    kind: "insufficient-funds",
    account: "b",
  });
  expect((await written(ledger, transaction("b > c 10 USD/2"))).txid).toBe(2n);
});

test("who wrote is kept beside each log", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > a 1 USD/2"));
  expect(await ledger.db("logs").where({ ledger: 1 }).pluck("actor")).toEqual(["tester"]);
});

test("what comes at once is committed at once, and what comes meanwhile together after it", async () => {
  const ledger = await testLedger();
  const commits = async () => {
    const { rows } = await ledger.db.raw(
      "select count(distinct xmin::text)::int as commits from logs where ledger = 1",
    );
    return rows[0].commits;
  };
  const writes = (count: number) =>
    Array.from({ length: count }, () => written(ledger, transaction("world > a 1 USD/2")));
  await Promise.all(writes(50));
  expect(await commits()).toBe(1);
  const first = writes(1);
  await new Promise(setImmediate);
  await Promise.all([...first, ...writes(50)]);
  expect(await commits()).toBe(3);
});

test("a writer that remembers next to nothing writes the same", async () => {
  const ledger = await testLedger({ limits: { cacheSize: 2, maxWriters: 1 } });
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      ["one", "two", "three"].flatMap((name) =>
        ["a", "b", "c", "d"].map((account) =>
          ledger.write(
            name,
            transaction([
              `world > ${account} ${round} USD/2`,
              `${account} > e 1 EUR/2`,
              `world > ${account} 1 EUR/2`,
            ]),
          ),
        ),
      ),
    );
  }
  const volumes = await ledger
    .db("volumes")
    .where({ ledger: 1, asset: "EUR/2" })
    .sum("input as sum");
  expect(volumes).toEqual([{ sum: 80n }]);
});

test("a batch writes what its requests write one by one", async () => {
  const together = await testLedger();
  const requests = Array.from({ length: 300 }, (_, index) => {
    const from = ["world", "a", "b", "c"][index % 4];
    const to = ["a", "b", "c", "d"][(index * 7) % 4];
    const reference = index % 11 === 0 ? `r${index % 33}` : undefined;
    const extras = {
      ...(reference && { reference }),
      ...(index % 13 === 0 && { key: `k${index % 26}` }),
    };
    return transaction(`${from} > ${to} ${index % 50} USD/2`, extras);
  });
  const answers = await Promise.all(requests.map((each) => together.write("one", each)));
  const singly = [];
  for (const each of requests) singly.push(await together.write("two", each));
  expect(answers).toEqual(singly);
  const hashes = await together.db("logs").select("hash", "id").where({ ledger: 1 }).orderBy("id");
  expect(await together.db("logs").select("hash", "id").where({ ledger: 2 }).orderBy("id")).toEqual(
    hashes,
  );
});
