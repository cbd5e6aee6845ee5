import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { BalanceOperator } from "../../../gen/florin/ledger/v1/account_pb.js";
import { clientOf, type LedgerClient, refusal } from "../client.js";
import { request, testLedger, transaction } from "../support.js";
import { accounts, allKeys, type Query } from "./lists.js";

const HUGE = `1${"0".repeat(39)}`;

/** Balances: world is below zero, a has 70 USD and 5 EUR, b has 30 USD, empty 0 USD, rich very much, noted nothing. */
async function someAccounts(): Promise<LedgerClient> {
  const ledger = await testLedger();
  const write = (postings: string | string[]) => ledger.write("main", transaction(postings));
  const note = (account: string, metadata: object) =>
    ledger.write(
      "main",
      request({ kind: "set-metadata", target: { account }, metadata: metadata as never }),
    );
  await write(["world > a 100 USD/2", "a > b:1 30 USD/2", "world > a 5 EUR/2"]);
  await write(["world > empty 1 USD/2", "empty > world 1 USD/2"]);
  await write(`world > rich ${HUGE} ETH/18`);
  await note("noted", { kind: "note", "x.y": 1 });
  await note("a", { kind: "note", x: { y: 2 } });
  return clientOf(ledger);
}

const { E, NE, GT, GTE, LT, LTE } = BalanceOperator;

const FILTERS: readonly [Query, string][] = [
  [{}, "world rich noted empty b:1 a"],
  [{ after: "noted" }, "empty b:1 a"],
  [{ after: "notes" }, "noted empty b:1 a"],
  [{ after: "A" }, ""],
  [{ address: "a" }, "a"],
  [{ address: "A" }, ""],
  [{ address: "b" }, ""],
  [{ address: "b:.*" }, "b:1"],
  [{ address: ".*" }, "world rich noted empty b:1 a"],
  [{ address: "*" }, "world rich noted empty a"],
  [{ address: "*:*" }, "b:1"],
  [{ address: "*:\\d" }, "b:1"],
  [{ address: "a|b" }, "a"],
  [{ address: "r.*|noted" }, "rich noted"],
  [{ metadata: { kind: "note" } }, "noted a"],
  [{ metadata: { "x.y": "1" } }, "noted"],
  [{ metadata: { "x.y": "2" } }, "a"],
  [{ metadata: { kind: "note" }, address: "n.*" }, "noted"],
  // Of any asset; without an operator it is "greater or equal".
  [{ balance: "30" }, "rich b:1 a"],
  [{ balance: "30", balanceOperator: GTE }, "rich b:1 a"],
  [{ balance: "30", balanceOperator: GT }, "rich a"],
  [{ balance: "30", balanceOperator: E }, "b:1"],
  [{ balance: "0", balanceOperator: E }, "empty"],
  [{ balance: "0", balanceOperator: LT }, "world"],
  [{ balance: "5", balanceOperator: LTE }, "world empty a"],
  [{ balance: "30", balanceOperator: NE }, "world rich empty a"],
  [{ balance: "5", balanceOperator: LTE, balanceAsset: "EUR/2" }, "world a"],
  [{ balance: "5", balanceOperator: NE, balanceAsset: "EUR/2" }, "world"],
  [{ balance: "70", balanceOperator: NE, balanceAsset: "EUR/2" }, "world a"],
  [{ balance: "1", balanceAsset: "GEM" }, ""],
  // Of any size.
  [{ balance: HUGE, balanceOperator: E }, "rich"],
  [{ balance: HUGE, balanceOperator: GT }, ""],
  [{ balance: `-${HUGE}`, balanceOperator: LTE }, "world"],
  [{ balanceOperator: LT, balanceAsset: "EUR/2" }, "world rich noted empty b:1 a"],
];

test("each filter lets through what it should, each account once, and a count agrees", async () => {
  const client = await someAccounts();
  for (const [query, expected] of FILTERS) {
    expect((await accounts(client, query)).keys.join(" "), JSON.stringify(query)).toBe(expected);
    const { address, metadata, ...rest } = query as { address?: string; metadata?: object };
    if (Object.keys(rest).length > 0) continue;
    const { count } = await client.countAccounts({ ledger: "main", ...(query as object) });
    expect(count, JSON.stringify(query)).toBe(BigInt(expected.split(" ").filter(Boolean).length));
  }
});

test("an account is shown with its metadata in a list, and with what it holds by itself", async () => {
  const client = await someAccounts();
  const { cursor } = await client.listAccounts({ ledger: "main", address: "a|b:1" });
  expect(cursor?.data).toMatchObject([
    { address: "b:1", metadata: {} },
    { address: "a", metadata: { kind: "note", x: { y: 2 } } },
  ]);
  expect((await client.getAccount({ ledger: "main", address: "a" })).data).toMatchObject({
    address: "a",
    metadata: { kind: "note", x: { y: 2 } },
    volumes: {
      "EUR/2": { input: "5", output: "0", balance: "5" },
      "USD/2": { input: "100", output: "30", balance: "70" },
    },
    balances: { "EUR/2": "5", "USD/2": "70" },
  });
  const { data } = await client.getAccount({ ledger: "main", address: "rich" });
  expect(data?.balances).toEqual({ "ETH/18": HUGE });
});

test("an account that nobody has used is empty, and stays unmade", async () => {
  const client = await someAccounts();
  const { data } = await client.getAccount({ ledger: "main", address: "no:body" });
  expect(data).toMatchObject({ address: "no:body", metadata: {}, volumes: {}, balances: {} });
  expect(await allKeys(accounts, client, { address: "no:.*" })).toEqual([]);
});

test("an account with metadata only has no volumes", async () => {
  const client = await someAccounts();
  const { data } = await client.getAccount({ ledger: "main", address: "noted" });
  expect(data).toMatchObject({ metadata: { kind: "note", "x.y": 1 }, volumes: {}, balances: {} });
});

test.each(["", "a b", "a:", ":a", "a::b", "é", "a'b", "a".repeat(2000)])(
  "an address must be one (%#)",
  async (address) => {
    const client = clientOf(await testLedger());
    expect(await refusal(client.getAccount({ ledger: "main", address }))).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      message: "invalid account address format",
    });
  },
);

test.each(["abc", "1.5", "1e3", "0x10", "--1", " 1", "9".repeat(200_000)])(
  "a balance must be an integer (%#)",
  async (balance) => {
    const client = clientOf(await testLedger());
    expect(await refusal(client.listAccounts({ ledger: "main", balance }))).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      message: "invalid parameter 'balance', should be a number",
    });
  },
);

test("an operator that does not exist is refused, with a balance or without", async () => {
  const client = clientOf(await testLedger());
  for (const balance of ["", "1"]) {
    const balanceOperator = 99 as BalanceOperator;
    const call = client.listAccounts({ ledger: "main", balance, balanceOperator });
    expect(await refusal(call)).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      message: "invalid parameter 'balanceOperator', should be one of 'e, ne, gt, gte, lt, lte'",
    });
  }
});

test("addresses are ordered by their bytes", async () => {
  const ledger = await testLedger();
  const addresses = ["a", "B", "a-b", "a:b", "a_b", "aB", "1", "_", "a:b:c"];
  await ledger.write("main", transaction(addresses.map((address) => `world > ${address} 1 X`)));
  const client = clientOf(ledger);
  const expected = [...addresses, "world"].sort().reverse();
  expect((await accounts(client)).keys).toEqual(expected);
  expect(await allKeys(accounts, client, { pageSize: 2 })).toEqual(expected);
});
