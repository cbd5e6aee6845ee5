import { SDK } from "@formance/formance-sdk";
import { ErrorResponse } from "@formance/formance-sdk/sdk/models/errors/index.js";
import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";

/** The published SDK, told nothing but where the server is and who calls. */
async function formance() {
  const { url, clientId, clientSecret } = await startTestApp();
  const sdk = new SDK({ serverURL: url, security: { clientID: clientId, clientSecret } });
  return sdk.ledger.v1;
}

const pay = (source: string, destination: string, amount: bigint) => ({
  ledger: "main",
  postTransaction: { postings: [{ source, destination, asset: "EUR/2", amount }] },
});

test("the Formance SDK creates, lists and reads transactions", async () => {
  const ledger = await formance();
  const created = await ledger.createTransaction({
    ledger: "main",
    postTransaction: {
      postings: [{ source: "world", destination: "users:1", asset: "EUR/2", amount: 1999n }],
      reference: "order-1",
      metadata: { channel: "web", lines: [{ sku: "a", count: 2 }] },
      timestamp: new Date("2023-07-10T12:00:00Z"),
    },
  });
  const expected = {
    txid: 0n,
    reference: "order-1",
    postings: [{ source: "world", destination: "users:1", asset: "EUR/2", amount: 1999n }],
    metadata: { channel: "web", lines: [{ sku: "a", count: 2 }] },
    timestamp: new Date("2023-07-10T12:00:00Z"),
    preCommitVolumes: {
      world: { "EUR/2": { input: 0n, output: 0n, balance: 0n } },
      "users:1": { "EUR/2": { input: 0n, output: 0n, balance: 0n } },
    },
    postCommitVolumes: {
      world: { "EUR/2": { input: 0n, output: 1999n, balance: -1999n } },
      "users:1": { "EUR/2": { input: 1999n, output: 0n, balance: 1999n } },
    },
  };
  expect(created.transactionsResponse?.data).toEqual([expected]);

  const read = await ledger.getTransaction({ ledger: "main", txid: 0n });
  expect(read.transactionResponse?.data).toEqual(expected);

  await ledger.createTransaction(pay("users:1", "users:2", 500n));
  const first = await ledger.listTransactions({ ledger: "main", pageSize: 1 });
  const page = first.transactionsCursorResponse?.cursor;
  expect(page).toMatchObject({ pageSize: 1, hasMore: true, data: [{ txid: 1n }] });
  const second = await ledger.listTransactions({ ledger: "main", cursor: page?.next });
  expect(second.transactionsCursorResponse?.cursor).toMatchObject({
    hasMore: false,
    data: [expected],
  });
  const named = await ledger.listTransactions({ ledger: "main", reference: "order-1" });
  expect(named.transactionsCursorResponse?.cursor.data).toEqual([expected]);

  const counted = await ledger.countTransactions({ ledger: "main" });
  expect(counted.headers["count"]).toEqual(["2"]);
});

test("a preview through the Formance SDK shows and commits nothing", async () => {
  const ledger = await formance();
  const preview = await ledger.createTransaction({ ...pay("world", "users:1", 1n), preview: true });
  expect(preview.transactionsResponse?.data).toMatchObject([{ txid: 0n }]);
  const stats = await ledger.readStats({ ledger: "main" });
  expect(stats.statsResponse?.data).toEqual({ accounts: 0, transactions: 0 });
});

test("the Formance SDK reads accounts, balances and stats", async () => {
  const ledger = await formance();
  await ledger.createTransaction(pay("world", "users:1", 1000n));
  await ledger.createTransaction(pay("users:1", "shops:7", 250n));

  const account = await ledger.getAccount({ ledger: "main", address: "users:1" });
  expect(account.accountResponse?.data).toMatchObject({
    address: "users:1",
    metadata: {},
    volumes: { "EUR/2": { input: 1000n, output: 250n, balance: 750n } },
    balances: { "EUR/2": 750n },
  });
  const accounts = await ledger.listAccounts({ ledger: "main", address: "users:.*" });
  expect(accounts.accountsCursorResponse?.cursor.data).toEqual([
    { address: "users:1", metadata: {} },
  ]);
  const balances = await ledger.getBalances({ ledger: "main" });
  expect(balances.balancesCursorResponse?.cursor.data).toEqual([
    { world: { "EUR/2": -1000 } },
    { "users:1": { "EUR/2": 750 } },
    { "shops:7": { "EUR/2": 250 } },
  ]);
  const sums = await ledger.getBalancesAggregated({ ledger: "main", address: "(users|shops):.*" });
  expect(sums.aggregateBalancesResponse?.data).toEqual({ "EUR/2": 1000 });
  const stats = await ledger.readStats({ ledger: "main" });
  expect(stats.statsResponse?.data).toEqual({ accounts: 3, transactions: 2 });
});

test("the Formance SDK gets its typed error, with the code of the refusal", async () => {
  const ledger = await formance();
  const refusal = (request: ReturnType<typeof pay>) =>
    ledger.createTransaction(request).then(
      () => expect.unreachable("committed"),
      (error) => error,
    );
  const named = pay("world", "users:1", 5n);
  const reference = { ...named, postTransaction: { ...named.postTransaction, reference: "once" } };

  const poor = await refusal(pay("users:1", "users:2", 5n));
  expect(poor).toBeInstanceOf(ErrorResponse);
  expect(poor).toMatchObject({ statusCode: 400, errorCode: "INSUFFICIENT_FUND" });

  await ledger.createTransaction(reference);
  expect(await refusal(reference)).toMatchObject({ statusCode: 409, errorCode: "CONFLICT" });

  const invalid = await refusal(pay("users 1", "users:2", 5n));
  expect(invalid).toMatchObject({ statusCode: 400, errorCode: "VALIDATION" });
  expect(invalid.errorMessage).not.toBe("");

  const missing = ledger.getTransaction({ ledger: "main", txid: 99n });
  await expect(missing).rejects.toMatchObject({ statusCode: 404, errorCode: "NOT_FOUND" });
});

test("an idempotency key sent through the Formance SDK commits once", async () => {
  const ledger = await formance();
  const create = () =>
    ledger.createTransaction(pay("world", "users:1", 5n), {
      headers: { "Idempotency-Key": "order-1" },
    });
  const first = await create();
  const again = await create();
  expect(again.transactionsResponse).toEqual(first.transactionsResponse);
  expect(first.rawResponse.headers.get("Idempotency-Hit")).toBeNull();
  expect(again.rawResponse.headers.get("Idempotency-Hit")).toBe("true");
  const stats = await ledger.readStats({ ledger: "main" });
  expect(stats.statsResponse?.data.transactions).toBe(1);
});
