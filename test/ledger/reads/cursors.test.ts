import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ledger } from "../../../src/ledger/ledger.js";
import { clientOf, refusal } from "../client.js";
import { NOW, request, testLedger, transaction } from "../support.js";
import {
  accounts,
  allKeys,
  allPages,
  balances,
  type List,
  logs,
  type Query,
  transactions,
} from "./lists.js";

const LISTS: Readonly<Record<string, List>> = { transactions, accounts, balances, logs };

/** Forty transactions among ten users, some metadata, one transaction a second. */
async function busyLedger(): Promise<Ledger> {
  const ledger = await testLedger();
  for (let txid = 0; txid < 40; txid++) {
    const user = `users:${(txid * 7) % 10}`;
    await ledger.write(
      "main",
      transaction(txid % 3 === 2 ? `${user} > shop 0 USD/2` : `world > ${user} ${txid} USD/2`, {
        timestamp: NOW + BigInt(txid) * 1_000_000n,
        metadata: { odd: txid % 2 === 1 },
      }),
    );
  }
  const metadata = { odd: true };
  for (const account of ["users:3", "users:5", "noted:1", "noted:2"]) {
    await ledger.write("main", request({ kind: "set-metadata", target: { account }, metadata }));
  }
  return ledger;
}

const seconds = (second: number) => ({ seconds: NOW / 1_000_000n + BigInt(second), nanos: 0 });

const time = fc.record(
  { startTime: fc.nat(45).map(seconds), endTime: fc.nat(45).map(seconds) },
  { requiredKeys: [] },
);
const pattern = fc.constantFrom(
  "users:.*",
  "users:3",
  "shop",
  "world|shop",
  "users:[1-4]",
  "*",
  "x",
);
const metadata = fc.constantFrom({}, { odd: "true" });

const QUERIES: Readonly<Record<string, fc.Arbitrary<Query>>> = {
  transactions: fc
    .tuple(
      time,
      fc.record(
        {
          account: pattern,
          source: pattern,
          destination: pattern,
          metadata,
          after: fc.bigInt(0n, 45n),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([times, others]) => ({ ...times, ...others })),
  accounts: fc.record(
    {
      address: pattern,
      metadata,
      balance: fc.integer({ min: -5, max: 100 }).map(String),
      balanceOperator: fc.nat(6),
      balanceAsset: fc.constantFrom("USD/2", "EUR/2"),
      after: pattern,
    },
    { requiredKeys: [] },
  ),
  balances: fc.record(
    {
      address: fc.oneof(
        pattern.map((one) => [one]),
        fc.array(fc.constantFrom("users:1", "users:2", "shop", "x"), { minLength: 2 }),
      ),
      after: pattern,
    },
    { requiredKeys: [] },
  ),
  logs: fc
    .tuple(time, fc.record({ after: fc.bigInt(0n, 50n) }, { requiredKeys: [] }))
    .map(([times, others]) => ({ ...times, ...others })),
};

test.each(Object.keys(LISTS))(
  "%s: pages put together are the whole list, and each leads back to the one before",
  { timeout: 60_000 },
  async (name) => {
    const list = LISTS[name] as List;
    const client = clientOf(await busyLedger());
    await fc.assert(
      fc.asyncProperty(
        QUERIES[name] as fc.Arbitrary<Query>,
        fc.integer({ min: 1, max: 9 }),
        async (query, pageSize) => {
          const whole = await allKeys(list, client, query);
          const pages = await allPages(list, client, { ...query, pageSize });
          expect(pages.flatMap(({ keys }) => keys)).toEqual(whole);
          for (const [index, page] of pages.entries()) {
            expect(page.hasMore).toBe(index < pages.length - 1);
            expect(page.hasMore).toBe(page.next !== "");
            expect(page.pageSize).toBe(pageSize);
            const before = pages[index - 1];
            if (before === undefined) continue;
            const { keys, next, previous } = await list(client, { cursor: page.previous });
            expect({ keys, next }).toEqual({ keys: before.keys, next: before.next });
            expect(previous === "").toBe(before.previous === "");
          }
        },
      ),
      { numRuns: 15 },
    );
  },
);

test("what lies before a page that begins at `after` is not lost", async () => {
  const client = clientOf(await busyLedger());
  const page = await transactions(client, { after: 35n, pageSize: 3 });
  expect(page.keys).toEqual(["34", "33", "32"]);
  const before = await transactions(client, { cursor: page.previous });
  expect(before.keys).toEqual(["37", "36", "35"]);
  expect(await transactions(client, { cursor: before.next })).toEqual(page);
  const top = await transactions(client, { cursor: before.previous });
  expect([top.keys, top.previous]).toEqual([["39", "38"], ""]);
});

test("while others write, a reader who leafs through sees every item once that was there before", async () => {
  const ledger = await busyLedger();
  const client = clientOf(ledger);
  for (const name of ["transactions", "accounts", "balances", "logs"]) {
    const list = LISTS[name] as List;
    const whole = await allKeys(list, client);
    const seen: string[] = [];
    let page = await list(client, { pageSize: 4 });
    for (let round = 0; ; round++) {
      seen.push(...page.keys);
      if (page.next === "") break;
      await ledger.write("main", transaction(`world > ${name}:${round % 3}:${round} 1 USD/2`));
      page = await list(client, { cursor: page.next });
    }
    expect(seen.filter((key) => whole.includes(key))).toEqual(whole);
    expect(new Set(seen).size).toBe(seen.length);
  }
});

test("new items show above the first page, not in the pages below", async () => {
  const ledger = await busyLedger();
  const client = clientOf(ledger);
  const first = await transactions(client, { pageSize: 5 });
  const second = await transactions(client, { cursor: first.next });
  await ledger.write("main", transaction("world > late 1 USD/2"));
  expect(await transactions(client, { cursor: first.next })).toEqual(second);
  const back = await transactions(client, { cursor: second.previous });
  expect(back.keys).toEqual(first.keys);
  expect((await transactions(client, { cursor: back.previous })).keys).toEqual(["40"]);
});

test("a page that has lost its items still leads to its neighbours", async () => {
  const ledger = await busyLedger();
  const client = clientOf(ledger);
  const query = { metadata: { odd: "true" }, address: "users:.*", pageSize: 1 };
  const first = await accounts(client, query);
  expect(first.keys).toEqual(["users:5"]);
  const target = { account: "users:3" };
  await ledger.write("main", request({ kind: "set-metadata", target, metadata: { odd: false } }));
  const second = await accounts(client, { cursor: first.next });
  expect([second.keys, second.next]).toEqual([[], ""]);
  expect(await accounts(client, { cursor: second.previous })).toMatchObject({
    keys: ["users:5"],
    next: "",
  });
});

/** What goes with a cursor besides it: refused if set, for each list. */
const COMPANIONS: Readonly<Record<string, readonly Query[]>> = {
  transactions: [
    { pageSize: 5 },
    { pageSize: 0 },
    { after: 0n },
    { reference: "x" },
    { account: "x" },
    { source: "x" },
    { destination: "x" },
    { startTime: seconds(0) },
    { endTime: seconds(0) },
  ],
  accounts: [
    { pageSize: 5 },
    { after: "x" },
    { address: "x" },
    { metadata: { odd: "true" } },
    { balance: "1" },
    { balanceOperator: 1 },
  ],
  balances: [{ pageSize: 5 }, { after: "x" }, { address: ["x"] }],
  logs: [{ pageSize: 5 }, { after: 1n }, { startTime: seconds(0) }, { endTime: seconds(0) }],
};

test.each(Object.entries(COMPANIONS))(
  "%s: nothing else goes with a cursor",
  async (name, companions) => {
    const list = LISTS[name] as List;
    const client = clientOf(await busyLedger());
    const { next: cursor } = await list(client, { pageSize: 2 });
    for (const companion of companions) {
      // Checked before the cursor is looked at.
      for (const sent of [cursor, "garbage"]) {
        expect(await refusal(list(client, { cursor: sent, ...companion }))).toMatchObject({
          code: Code.InvalidArgument,
          errorCode: "VALIDATION",
          message: "no other query params can be set with 'cursor'",
        });
      }
    }
  },
);

test("what SDKs repeat beside a cursor may stand there if it says the same", async () => {
  const client = clientOf(await busyLedger());
  const metadata = { odd: "true" };
  const { next: cursor } = await transactions(client, { metadata, pageSize: 2 });
  const { keys } = await transactions(client, { cursor });
  expect((await transactions(client, { cursor, metadata })).keys).toEqual(keys);
  expect(await refusal(transactions(client, { cursor, metadata: { odd: "false" } }))).toMatchObject(
    {
      message: "no other query params can be set with 'cursor'",
    },
  );
  const balanceAsset = "USD/2";
  const page = await accounts(client, { balance: "1", balanceAsset, pageSize: 2 });
  const next = await accounts(client, { cursor: page.next, balanceAsset });
  expect(next).toEqual(await accounts(client, { cursor: page.next }));
});

const forged = (query: object): string => Buffer.from(JSON.stringify(query)).toString("base64url");

test.each(Object.keys(LISTS))("%s: a cursor that is none of ours is refused", async (name) => {
  const list = LISTS[name] as List;
  const client = clientOf(await busyLedger());
  const { next } = await list(client, { pageSize: 2 });
  const query = JSON.parse(Buffer.from(next, "base64url").toString());
  const others = Object.values(LISTS).filter((other) => other !== list);
  const cursors = [
    "garbage",
    "%%%",
    "e30",
    "bnVsbA",
    "W10",
    next.slice(0, -3),
    next.slice(3),
    next.toUpperCase(),
    forged({ ...query, pageSize: 1001 }),
    forged({ ...query, pageSize: -1 }),
    forged({ ...query, pageSize: 1.5 }),
    forged({ ...query, pageSize: "2" }),
    forged({ ...query, position: { below: "1", from: "1" } }),
    forged({ ...query, position: { below: 1 } }),
    forged({ ...query, position: { below: "a\0" } }),
    forged({ ...query, position: { above: "1" } }),
    forged({ ...query, more: 1 }),
    ...(await Promise.all(
      others.map(async (other) => (await other(client, { pageSize: 2 })).next),
    )),
  ];
  for (const cursor of cursors) {
    expect(await refusal(list(client, { cursor })), cursor).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      message: "invalid 'cursor' query param",
    });
  }
});

test.each([
  { position: { below: "9223372036854775808" } },
  { position: { below: "1; drop table logs" } },
  { startTime: "99999999999999999999" },
  { startTime: "-999999999999999999" },
  { startTime: "now()" },
  { metadata: { a: 1 } },
  { metadata: { "a\0": "1" } },
  { reference: "\ud800" },
])("a cursor cannot smuggle in %j", async (forgery) => {
  const client = clientOf(await busyLedger());
  const { next } = await transactions(client, { pageSize: 2 });
  const query = JSON.parse(Buffer.from(next, "base64url").toString());
  const cursor = forged({ ...query, ...forgery });
  expect(await refusal(transactions(client, { cursor }))).toMatchObject({
    code: Code.InvalidArgument,
    message: "invalid 'cursor' query param",
  });
});

test("a forged cursor is checked as its query would be", async () => {
  const client = clientOf(await busyLedger());
  const { next } = await accounts(client, { pageSize: 2 });
  const query = JSON.parse(Buffer.from(next, "base64url").toString());
  expect(
    await refusal(accounts(client, { cursor: forged({ ...query, address: "(" }) })),
  ).toMatchObject({ message: "invalid regular expression in 'address'" });
  expect(
    await refusal(accounts(client, { cursor: forged({ ...query, balance: "1 or true" }) })),
  ).toMatchObject({ message: "invalid parameter 'balance', should be a number" });
  expect(
    await refusal(accounts(client, { cursor: forged({ ...query, operator: "= 1 or 1 >" }) })),
  ).toMatchObject({ message: "invalid 'cursor' query param" });
});

test("metadata keys of any name travel in a cursor", async () => {
  const ledger = await testLedger();
  const metadata = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  for (let txid = 0; txid < 4; txid++) {
    await ledger.write(
      "main",
      transaction("world > a 1 USD/2", txid % 2 === 0 ? { metadata } : {}),
    );
  }
  const client = clientOf(ledger);
  const query = { metadata, pageSize: 1 };
  expect((await allPages(transactions, client, query)).map(({ keys }) => keys)).toEqual([
    ["2"],
    ["0"],
  ]);
});
