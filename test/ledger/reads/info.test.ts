import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { MigrationState } from "../../../gen/florin/ledger/v1/info_pb.js";
import { clientOf, type LedgerClient, refusal } from "../client.js";
import { request, testLedger, transaction } from "../support.js";

test("the server tells who it is and which ledgers it holds, by name", async () => {
  const ledger = await testLedger();
  const client = clientOf(ledger);
  expect((await client.getInfo({})).data).toMatchObject({
    server: "florin",
    version: "v1.2.3",
    config: { storage: { driver: "postgres", ledgers: [] } },
  });
  for (const name of ["b", "A", "a-1", "10"]) {
    await ledger.write(name, transaction("world > a 1 USD/2"));
  }
  const { data } = await client.getInfo({});
  expect(data?.config?.storage?.ledgers).toEqual(["10", "A", "a-1", "b"]);
});

test("ledgers are listed page by page", async () => {
  const ledger = await testLedger();
  for (let n = 10; n < 28; n++) await ledger.write(`l${n}`, transaction("world > a 1 USD/2"));
  const client = clientOf(ledger);
  const first = await client.listLedgers({});
  expect([first.ledgers.length, first.ledgers[0], first.hasMore]).toEqual([15, "l10", true]);
  const rest = await client.listLedgers({ after: "l24", pageSize: 5 });
  expect([rest.ledgers, rest.hasMore]).toEqual([["l25", "l26", "l27"], false]);
  expect(await client.listLedgers({ pageSize: 18 })).toMatchObject({ hasMore: false });
  expect(await client.listLedgers({ pageSize: 17 })).toMatchObject({ hasMore: true });
});

test("a ledger tells by which migrations it is stored", async () => {
  const { data } = await clientOf(await testLedger()).getLedgerInfo({ ledger: "main" });
  expect(data?.name).toBe("main");
  const [first] = data?.storage?.migrations ?? [];
  expect(first).toMatchObject({ version: 1n, name: "ledger", state: MigrationState.DONE });
  expect(first?.date?.seconds).toBeGreaterThan(1_600_000_000n);
});

test("stats count all accounts and transactions", async () => {
  const ledger = await testLedger();
  const client = clientOf(ledger);
  await ledger.write("main", transaction("world > a 1 USD/2"));
  await ledger.write("main", transaction(["a > b 1 USD/2", "b > c 1 USD/2"]));
  const target = { account: "noted" };
  await ledger.write("main", request({ kind: "set-metadata", target, metadata: {} }));
  const { data } = await client.readStats({ ledger: "main" });
  expect(data).toMatchObject({ accounts: 5n, transactions: 2n });
  expect((await client.countAccounts({ ledger: "main" })).count).toBe(5n);
  expect((await client.countTransactions({ ledger: "main" })).count).toBe(2n);
});

/** Every read that names a ledger. */
const READS: Readonly<Record<string, (client: LedgerClient, ledger: string) => Promise<object>>> = {
  getLedgerInfo: (client, ledger) => client.getLedgerInfo({ ledger }),
  readStats: (client, ledger) => client.readStats({ ledger }),
  countAccounts: (client, ledger) => client.countAccounts({ ledger }),
  listAccounts: (client, ledger) => client.listAccounts({ ledger }),
  getAccount: (client, ledger) => client.getAccount({ ledger, address: "world" }),
  countTransactions: (client, ledger) => client.countTransactions({ ledger, account: "world" }),
  listTransactions: (client, ledger) => client.listTransactions({ ledger, account: "wor.*" }),
  getBalances: (client, ledger) => client.getBalances({ ledger }),
  getBalancesAggregated: (client, ledger) => client.getBalancesAggregated({ ledger }),
  listLogs: (client, ledger) => client.listLogs({ ledger }),
};

test("a ledger that nobody has written to answers as an empty one, and is not made", async () => {
  const ledger = await testLedger();
  const client = clientOf(ledger);
  const empty = { pageSize: 15, hasMore: false, next: "", previous: "", data: [] };
  for (const [name, read] of Object.entries(READS)) {
    const answer = await read(client, "empty");
    if ("cursor" in answer) expect(answer.cursor, name).toMatchObject(empty);
    if ("count" in answer) expect(answer.count, name).toBe(0n);
  }
  expect((await client.readStats({ ledger: "empty" })).data).toMatchObject({
    accounts: 0n,
    transactions: 0n,
  });
  const account = await client.getAccount({ ledger: "empty", address: "world" });
  expect(account.data).toMatchObject({ address: "world", metadata: {}, volumes: {} });
  expect((await client.getBalancesAggregated({ ledger: "empty" })).data?.balances).toEqual({});
  const transactionZero = client.getTransaction({ ledger: "empty", txid: 0n });
  expect(await refusal(transactionZero)).toMatchObject({ code: Code.NotFound });
  expect(await ledger.db("ledgers")).toEqual([]);
});

test("ledgers see nothing of each other", async () => {
  const ledger = await testLedger();
  await ledger.write("one", transaction("world > a 1 USD/2", { metadata: { of: "one" } }));
  await ledger.write(
    "two",
    transaction(["world > b 2 USD/2", "b > c 1 EUR/2", "world > b 1 EUR/2"]),
  );
  const client = clientOf(ledger);
  const show = async (name: string) => ({
    accounts: (await client.listAccounts({ ledger: name })).cursor?.data.map((it) => it.address),
    sums: (await client.getBalancesAggregated({ ledger: name, address: "[a-c]" })).data?.balances,
    some: (await client.countTransactions({ ledger: name, account: "[ab]" })).count,
    logs: (await client.listLogs({ ledger: name })).cursor?.data.length,
  });
  expect(await show("one")).toEqual({
    accounts: ["world", "a"],
    sums: { "USD/2": "1" },
    some: 1n,
    logs: 1,
  });
  expect(await show("two")).toEqual({
    accounts: ["world", "c", "b"],
    sums: { "EUR/2": "1", "USD/2": "2" },
    some: 1n,
    logs: 1,
  });
});

test.each(Object.entries(READS))("%s takes no bad name of a ledger", async (_name, read) => {
  const client = clientOf(await testLedger());
  for (const ledger of ["", "_system", "a b", "a".repeat(64), 'a"b', "a/b", "é"]) {
    expect(await refusal(read(client, ledger)), ledger).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      reason: "INVALID_LEDGER_NAME",
    });
  }
});
