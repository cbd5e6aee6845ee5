import { setImmediate } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test, vi } from "vitest";
import { ListTransactionsRequestSchema } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import { createFlorin } from "../../sdk/src/node.js";
import { startTestApp } from "../support/app.js";
import { bearer, fakeFlorin } from "./fakeFlorin.js";

vi.setConfig({ testTimeout: 60_000 });

async function start() {
  const { url, clientId, clientSecret } = await startTestApp();
  return createFlorin({ baseUrl: url, clientId, clientSecret });
}

/** Seven transactions, each from `world` to an account of its own. */
async function fill(florin: Awaited<ReturnType<typeof start>>, ledger: string): Promise<void> {
  const transactions = Array.from({ length: 7 }, (_, index) => ({
    postings: [{ source: "world", destination: `users:${index}`, asset: "EUR/2", amount: "5" }],
  }));
  await florin.ledger.createTransactions({ ledger, transactions });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("every list of the ledger can be gone through, page by page, filters included", async () => {
  const { ledger: ledgers } = await start().then(async (florin) => {
    for (const ledger of ["a", "b", "c"]) await fill(florin, ledger);
    return florin;
  });
  const query = { ledger: "a", pageSize: 2 };
  const users = Array.from({ length: 7 }, (_, index) => `users:${6 - index}`);

  const transactions = await all(ledgers.listTransactions(query));
  expect(transactions.map(({ txid }) => txid)).toEqual([6n, 5n, 4n, 3n, 2n, 1n, 0n]);
  const some = await all(ledgers.listTransactions({ ...query, destination: "users:[135]" }));
  expect(some.map(({ txid }) => txid)).toEqual([5n, 3n, 1n]);
  expect((await all(ledgers.listLogs(query))).map(({ id }) => id)).toEqual(
    transactions.map(({ txid }) => txid),
  );
  const accounts = await all(ledgers.listAccounts(query));
  expect(accounts.map(({ address }) => address)).toEqual(["world", ...users]);
  const balances = await all(ledgers.getBalances({ ...query, address: ["users:.*"] }));
  expect(balances.flatMap(({ accounts }) => Object.keys(accounts))).toEqual(users);
  expect(await all(ledgers.listLedgers({ pageSize: 2 }))).toEqual(["a", "b", "c"]);
  expect(await all(ledgers.listTransactions({ ledger: "nobody" }))).toEqual([]);
});

test("a list that is awaited is its first page, as ever", async () => {
  const florin = await start();
  await fill(florin, "main");
  const { cursor } = await florin.ledger.listTransactions({ ledger: "main", pageSize: 2 });
  expect(cursor?.data.map(({ txid }) => txid)).toEqual([6n, 5n]);
  const request = { ledger: "main", cursor: cursor?.next ?? "" };
  const rest = await all(florin.ledger.listTransactions(request));
  expect(rest.map(({ txid }) => txid)).toEqual([4n, 3n, 2n, 1n, 0n]);
});

test("pages are asked for when they are needed, with the options of the call", async () => {
  const asked: [string, string | null][] = [];
  const pages: Record<string, { txids: bigint[]; next: string }> = {
    "": { txids: [9n, 8n], next: "two" },
    two: { txids: [7n, 6n], next: "three" },
    three: { txids: [5n], next: "" },
  };
  const baseUrl = await fakeFlorin({
    ledger: {
      listTransactions(request, context) {
        asked.push([request.cursor, bearer(context)]);
        const { txids, next } = pages[request.cursor] ?? expect.unreachable();
        expect(request).toEqual(
          create(ListTransactionsRequestSchema, {
            ledger: "main",
            ...(request.cursor === "" ? { account: "users:1" } : { cursor: request.cursor }),
          }),
        );
        return { cursor: { data: txids.map((txid) => ({ txid })), next } };
      },
    },
  });
  let calls = 0;
  const getToken = () => `t${++calls}`;
  const { ledger } = createFlorin({ baseUrl, getToken, transport: "connect" });
  const list = ledger.listTransactions({ ledger: "main", account: "users:1" });
  const seen: bigint[] = [];
  for await (const { txid } of list) {
    seen.push(txid);
    expect(asked).toHaveLength(seen.length <= 2 ? 1 : 2);
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([9n, 8n, 7n]);
  expect(asked).toEqual([
    ["", "t1"],
    ["two", "t2"],
  ]);

  const controller = new AbortController();
  const request = { ledger: "main", account: "users:1" };
  const items = ledger.listTransactions(request, { signal: controller.signal });
  const iterator = items[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  controller.abort();
  await expect(iterator.next()).rejects.toMatchObject({ name: "FlorinError" });
});

test("the lists of payments can be gone through", async () => {
  const { payments } = await start();
  expect(await all(payments.listPayments({ pageSize: 1 }))).toEqual([]);
  expect(await all(payments.listAccounts({ pageSize: 1 }))).toEqual([]);
  const config = { case: "dummyPay", value: { directory: "demo" } } as const;
  await payments.installConnector({ connector: Connector.DUMMY_PAY, config: { config } });
  const tasks = () =>
    all(payments.listConnectorTasks({ connector: Connector.DUMMY_PAY, pageSize: 1 }));
  await expect.poll(async () => (await tasks()).length).toBeGreaterThan(1);
});

test("a list that failed before its turn fails at its turn", async () => {
  const refusal = new ConnectError("no", Code.PermissionDenied);
  const fail = vi.fn(() => {
    throw refusal;
  });
  const baseUrl = await fakeFlorin({ ledger: { listLogs: fail } });
  const { ledger } = createFlorin({ baseUrl, getToken: () => null, transport: "connect" });
  const lost = vi.fn();
  process.on("unhandledRejection", lost);
  onTestFinished(() => void process.off("unhandledRejection", lost));

  const logs = ledger.listLogs({ ledger: "main" });
  // Another call fails meanwhile, and then everything that was to follow from the first one has.
  await expect(ledger.listLogs({ ledger: "main" })).rejects.toThrow("no");
  await setImmediate();
  expect(fail).toHaveBeenCalledTimes(2);
  await expect(all(logs)).rejects.toMatchObject({ code: Code.PermissionDenied });
  await expect(logs).rejects.toMatchObject({ code: Code.PermissionDenied });
  expect(lost).not.toHaveBeenCalled();
});
