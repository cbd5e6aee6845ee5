import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { clientOf, type LedgerClient, refusal } from "../client.js";
import { NOW, request, testLedger, transaction } from "../support.js";
import { allKeys, type Query, transactions } from "./lists.js";

const SECOND = 1_000_000n;
const at = (second: number, nanos = 0) => ({ seconds: NOW / SECOND + BigInt(second), nanos });

/** Transactions 0 to 6, each of a later second. */
async function someTransactions(): Promise<LedgerClient> {
  const ledger = await testLedger();
  const write = (txid: number, postings: string | string[], extras = {}) =>
    ledger.write(
      "main",
      transaction(postings, { timestamp: NOW + BigInt(txid) * SECOND, ...extras }),
    );
  await write(0, "world > users:1:wallet 100 USD/2", { reference: "order-1" });
  await write(1, "world > users:2:wallet 100 USD/2", { metadata: { kind: "gift", n: 1.5 } });
  await write(2, "users:1:wallet > shop 30 USD/2", { metadata: { "a.b": "x", a: { b: "y" } } });
  await write(3, ["users:2:wallet > shop 30 USD/2", "shop > fees 1 USD/2"], {
    metadata: { a: { b: "x", list: [10, { c: true }] } },
  });
  await write(4, "world > users:10:wallet 5 EUR/2", { reference: "Order-1" });
  await write(5, "users:10:wallet > users:1:wallet 5 EUR/2", { metadata: { none: null, o: {} } });
  await write(6, "shop > shop 0 USD/2", { metadata: { kind: "" } });
  return clientOf(ledger);
}

const FILTERS: readonly [Query, string][] = [
  [{}, "6543210"],
  // Exact addresses.
  [{ account: "users:1:wallet" }, "520"],
  [{ account: "shop" }, "632"],
  [{ source: "shop" }, "63"],
  [{ destination: "shop" }, "632"],
  [{ source: "users:1:wallet", destination: "shop" }, "2"],
  [{ account: "fees", source: "users:2:wallet" }, "3"],
  [{ account: "shop", source: "world" }, ""],
  [{ account: "users" }, ""],
  [{ account: "SHOP" }, ""],
  [{ account: "no:body" }, ""],
  // Regular expressions for the whole address.
  [{ account: "users:.*" }, "543210"],
  [{ account: "users:1" }, ""],
  [{ account: "users:1.*" }, "5420"],
  [{ account: ".*:wallet" }, "543210"],
  [{ account: "wallet.*|.*shop" }, "632"],
  [{ account: "(fees|users:2:wallet)" }, "31"],
  [{ source: "users:\\d:wallet", destination: "[rs]h.p" }, "32"],
  [{ account: ".*", source: "world" }, "410"],
  [{ source: ".*s.*", destination: "f.*" }, "3"],
  // A segment "*" is any text without ":".
  [{ account: "users:*:wallet" }, "543210"],
  [{ account: "*" }, "643210"],
  [{ source: "*:*:*" }, "532"],
  [{ account: "users:*" }, ""],
  // References, times, metadata.
  [{ reference: "order-1" }, "0"],
  [{ reference: "order-" }, ""],
  [{ startTime: at(2) }, "65432"],
  [{ endTime: at(2) }, "10"],
  [{ startTime: at(2), endTime: at(4) }, "32"],
  [{ startTime: at(2, 1000), endTime: at(4, 1000) }, "43"],
  [{ startTime: at(4), endTime: at(4) }, ""],
  [{ metadata: { kind: "gift" } }, "1"],
  [{ metadata: { kind: "" } }, "6"],
  [{ metadata: { n: "1.5" } }, "1"],
  [{ metadata: { n: "1.50" } }, ""],
  [{ metadata: { "a.b": "x" } }, "32"],
  [{ metadata: { "a.b": "y" } }, ""],
  [{ metadata: { a: '{"b": "y"}' } }, "2"],
  [{ metadata: { "a.list.0": "10" } }, "3"],
  [{ metadata: { "a.list.1.c": "true" } }, "3"],
  [{ metadata: { none: "" } }, ""],
  [{ metadata: { none: "null" } }, ""],
  [{ metadata: { kind: "gift", n: "2" } }, ""],
  // Together.
  [{ account: "users:.*", startTime: at(1), endTime: at(5), metadata: { "a.b": "x" } }, "32"],
  [{ account: "shop", after: 6n }, "32"],
  [{ account: "users:1:wallet", after: 5n, pageSize: 1 }, "2"],
];

test("each filter lets through what it should, and a count agrees", async () => {
  const client = await someTransactions();
  for (const [query, expected] of FILTERS) {
    const { pageSize, after, ...filter } = query;
    const page = await transactions(client, query);
    expect(page.keys.join(""), JSON.stringify(query, text)).toBe(expected);
    if (after !== undefined) continue;
    const { count } = await client.countTransactions({ ledger: "main", ...filter });
    expect(count, JSON.stringify(query, text)).toBe(BigInt(expected.length));
  }
});

const text = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

test("`after` is exclusive, and any number of 64 bits will do", async () => {
  const client = await someTransactions();
  expect((await transactions(client, { after: 3n })).keys).toEqual(["2", "1", "0"]);
  expect((await transactions(client, { after: 0n })).keys).toEqual([]);
  const beyond = await transactions(client, { after: 2n ** 64n - 1n, pageSize: 3 });
  expect(beyond.keys).toEqual(["6", "5", "4"]);
  expect(beyond.previous).toBe("");
});

test("a page has 15 items, or as many as asked for, but never more than 1000", async () => {
  const ledger = await testLedger();
  await Promise.all(
    Array.from({ length: 1005 }, () => ledger.write("main", transaction("world > a 1 USD/2"))),
  );
  const client = clientOf(ledger);
  for (const [asked, given] of [
    [undefined, 15],
    [0, 15],
    [7, 7],
    [1000, 1000],
    [1001, 1000],
    [2 ** 32 - 1, 1000],
  ] as const) {
    const page = await transactions(client, asked === undefined ? {} : { pageSize: asked });
    expect([page.keys.length, page.pageSize, page.hasMore]).toEqual([given, given, true]);
  }
});

test("metadata is that of today, and filters see it so", async () => {
  const ledger = await testLedger();
  await ledger.write("main", transaction("world > a 1 USD/2", { metadata: { a: "old", b: 1 } }));
  const target = { txid: 0n };
  await ledger.write("main", request({ kind: "set-metadata", target, metadata: { a: "new" } }));
  const client = clientOf(ledger);
  const { data } = await client.getTransaction({ ledger: "main", txid: 0n });
  expect(data?.metadata).toEqual({ a: "new", b: 1 });
  expect(await allKeys(transactions, client, { metadata: { a: "new", b: "1" } })).toEqual(["0"]);
  expect(await allKeys(transactions, client, { metadata: { a: "old" } })).toEqual([]);
});

test("a list shows the same transaction as a read of it, volumes included", async () => {
  const client = await someTransactions();
  const { cursor } = await client.listTransactions({ ledger: "main", account: "fees" });
  const { data } = await client.getTransaction({ ledger: "main", txid: 3n });
  expect(cursor?.data).toEqual([data]);
  expect(data).toMatchObject({
    preCommitVolumes: {
      shop: { volumes: { "USD/2": { input: "30", output: "0", balance: "30" } } },
    },
    postCommitVolumes: {
      shop: { volumes: { "USD/2": { input: "60", output: "1", balance: "59" } } },
      fees: { volumes: { "USD/2": { input: "1", output: "0", balance: "1" } } },
    },
  });
});

test.each([7n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n])(
  "there is no transaction %s",
  async (txid) => {
    const client = await someTransactions();
    expect(await refusal(client.getTransaction({ ledger: "main", txid }))).toMatchObject({
      code: Code.NotFound,
      errorCode: "NOT_FOUND",
      message: "transaction not found",
    });
  },
);

test("a pattern of many accounts finds what one of few finds", async () => {
  const ledger = await testLedger();
  await Promise.all(
    Array.from({ length: 130 }, (_, user) =>
      ledger.write("main", transaction(`world > users:${user} 1 USD/2`)),
    ),
  );
  await ledger.write("main", transaction("users:7 > shop 1 USD/2"));
  const client = clientOf(ledger);
  expect(await allKeys(transactions, client, { account: "users:.*" })).toHaveLength(131);
  expect(await allKeys(transactions, client, { source: "users:.*" })).toEqual(["130"]);
  expect(await allKeys(transactions, client, { destination: "users:.*" })).toHaveLength(130);
  expect(await allKeys(transactions, client, { destination: "users:1.*" })).toHaveLength(41);
  const { count } = await client.countTransactions({ ledger: "main", source: "users:.*" });
  expect(count).toBe(1n);
});
