import { expect, test } from "vitest";
import { clientOf, type LedgerClient } from "../client.js";
import { request, testLedger, transaction } from "../support.js";
import { balances, type Query } from "./lists.js";

const HUGE = `1${"0".repeat(39)}`;

async function someBalances(): Promise<LedgerClient> {
  const ledger = await testLedger();
  const target = { account: "noted" };
  await ledger.write("main", transaction(["world > a 70 USD/2", `world > a ${HUGE} ETH/18`]));
  await ledger.write("main", transaction(["world > b:1 30 USD/2", "world > b:2 0 USD/2"]));
  await ledger.write("main", request({ kind: "set-metadata", target, metadata: {} }));
  return clientOf(ledger);
}

test("all accounts with volumes are listed with all their balances", async () => {
  const client = await someBalances();
  const { cursor } = await client.getBalances({ ledger: "main" });
  expect(cursor?.data.map(({ accounts }) => accounts)).toMatchObject([
    { world: { balances: { "ETH/18": `-${HUGE}`, "USD/2": "-100" } } },
    { "b:2": { balances: { "USD/2": "0" } } },
    { "b:1": { balances: { "USD/2": "30" } } },
    { a: { balances: { "ETH/18": HUGE, "USD/2": "70" } } },
  ]);
});

const FILTERS: readonly [Query, string][] = [
  [{ address: [] }, "world b:2 b:1 a"],
  [{ address: [""] }, "world b:2 b:1 a"],
  [{ address: ["a"] }, "a"],
  [{ address: ["b:.*"] }, "b:2 b:1"],
  [{ address: ["*:1"] }, "b:1"],
  [{ address: ["a", "b:1", "no:body", "a"] }, "b:1 a"],
  [{ address: ["a,b:1", "b:2"] }, "b:2 b:1 a"],
  [{ address: ["a,world"] }, "world a"],
  // Several are meant exactly.
  [{ address: ["a", "b:.*"] }, "a"],
  [{ address: ["b:.*", "a"] }, "a"],
  [{ address: ["noted"] }, ""],
  [{ after: "b:2" }, "b:1 a"],
  [{ pageSize: 2 }, "world b:2"],
  [{ pageSize: 0 }, "world b:2 b:1 a"],
];

test("a single address is a pattern, several are exact", async () => {
  const client = await someBalances();
  for (const [query, expected] of FILTERS) {
    expect((await balances(client, query)).keys.join(" "), JSON.stringify(query)).toBe(expected);
  }
});

test.each([
  ["", { "ETH/18": "0", "USD/2": "0" }],
  ["a", { "ETH/18": HUGE, "USD/2": "70" }],
  ["b:.*", { "USD/2": "30" }],
  ["a|b:1", { "ETH/18": HUGE, "USD/2": "100" }],
  ["noted", {}],
  ["no:body", {}],
])("balances of %j are added up by asset", async (address, expected) => {
  const client = await someBalances();
  const { data } = await client.getBalancesAggregated({ ledger: "main", address });
  expect(data?.balances).toEqual(expected);
});
