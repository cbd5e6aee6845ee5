import fc from "fast-check";
import { expect, test } from "vitest";
import { SEEDS } from "../../support/seeds.js";
import { clientOf } from "../client.js";
import { request, transaction } from "../support.js";
import { busyLedger, LISTS, seconds } from "./busyLedger.js";
import { accounts, allKeys, allPages, type List, type Query, transactions } from "./lists.js";

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

/** Each list with each seed. */
const RUNS = Object.keys(LISTS).flatMap((name) => SEEDS.map((seed) => [name, seed] as const));

test.each(RUNS)(
  "%s: pages put together are the whole list, and each leads back to the one before, seed %i",
  { timeout: 60_000 },
  async (name, seed) => {
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
      { numRuns: 10, seed },
    );
  },
);

/** Writes that others may make meanwhile: what matched before still matches. */
const writes = fc.array(
  fc
    .tuple(fc.constantFrom("users", "noted", "a", "shop", "zz"), fc.nat(30), fc.boolean())
    .map(([group, number, isOdd]) =>
      transaction(`world > ${group}:${number} 0 ${isOdd ? "USD/2" : "EUR/2"}`, {
        metadata: { odd: isOdd },
      }),
    ),
  { minLength: 1, maxLength: 4 },
);

test.each(RUNS)(
  "%s: while others write, pages are still in order, lack nothing and lead back, seed %i",
  { timeout: 60_000 },
  async (name, seed) => {
    const list = LISTS[name] as List;
    const ledger = await busyLedger();
    const client = clientOf(ledger);
    const isNumbered = name === "transactions" || name === "logs";
    await fc.assert(
      fc.asyncProperty(
        QUERIES[name] as fc.Arbitrary<Query>,
        fc.integer({ min: 2, max: 12 }),
        writes,
        async ({ after: _, ...query }, pageSize, others) => {
          /** A page, while all the others are written. */
          const read = async (asked: Query) => {
            const written = others.map((other) => ledger.write("main", other));
            const [page] = await Promise.all([list(client, asked), ...written]);
            return page;
          };
          const before = await allKeys(list, client, query);
          const down = [await read({ ...query, pageSize })];
          for (let cursor = down[0]?.next; cursor; cursor = down.at(-1)?.next) {
            down.push(await read({ cursor }));
          }
          const up = down.slice(-1);
          while (up.length < down.length && up[0]?.previous) {
            up.unshift(await read({ cursor: up[0].previous }));
          }
          const after = await allKeys(list, client, query);

          for (const pages of [down, up]) {
            const keys = pages.flatMap((page) => page.keys);
            const top = pages === down ? 0 : after.indexOf(keys[0] ?? "");
            expectWithin(keys, after);
            expectWithin(
              before.filter((key) => after.indexOf(key) >= top),
              keys,
            );
          }
          // What is new has higher numbers: nothing comes to lie below a page that was read.
          if (isNumbered) {
            const [first, ...rest] = down;
            const lowest = after.indexOf(first?.keys.at(-1) ?? "");
            expectWithin(
              rest.flatMap(({ keys }) => keys),
              after.slice(lowest + 1),
            );
            expect(up.map(({ keys }) => keys)).toEqual(down.map(({ keys }) => keys));
          }
        },
      ),
      { numRuns: 8, seed, endOnFailure: true },
    );
  },
);

/** That `some` are among `all`, in the same order, each once. */
function expectWithin(some: readonly string[], all: readonly string[]): void {
  const wanted = new Set(some);
  expect(some).toEqual(all.filter((key) => wanted.has(key)));
}

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
