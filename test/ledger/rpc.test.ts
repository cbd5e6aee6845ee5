import { toJsonString } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { CreateTransactionResponseSchema } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { clientOf, type LedgerClient, refusal } from "./client.js";
import { testLedger } from "./support.js";

const testClient = async (): Promise<LedgerClient> => clientOf(await testLedger());

const PAYMENT = { source: "world", destination: "users:1", asset: "USD/2", amount: "100" };
const transaction = { postings: [PAYMENT] };

test("a transaction is committed and shown with its volumes", async () => {
  const client = await testClient();
  const metadata = { note: "first", deep: { n: [1.5, null] } };
  const { data } = await client.createTransaction({
    ledger: "main",
    transaction: { ...transaction, reference: "order-1", metadata },
  });
  expect(data).toMatchObject([
    {
      txid: 0n,
      postings: [PAYMENT],
      reference: "order-1",
      metadata,
      timestamp: { seconds: 1_688_990_400n, nanos: 0 },
      preCommitVolumes: {
        world: { volumes: { "USD/2": { input: "0", output: "0", balance: "0" } } },
        "users:1": { volumes: { "USD/2": { input: "0", output: "0", balance: "0" } } },
      },
      postCommitVolumes: {
        world: { volumes: { "USD/2": { input: "0", output: "100", balance: "-100" } } },
        "users:1": { volumes: { "USD/2": { input: "100", output: "0", balance: "100" } } },
      },
    },
  ]);
  expect((await client.getTransaction({ ledger: "main", txid: 0n })).data).toEqual(data[0]);
});

test("bad requests are refused with the contract's messages, one by one or in a batch", async () => {
  const client = await testClient();
  const bad = { postings: [PAYMENT, { ...PAYMENT, asset: "usd" }] };
  expect(await refusal(client.createTransaction({ ledger: "main", transaction: bad }))).toEqual({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    reason: "INVALID_POSTING",
    message: "invalid posting 1: invalid asset",
    facts: { posting: "1", fault: "invalid asset" },
  });
  const batch = client.createTransactions({ ledger: "main", transactions: [transaction, bad] });
  expect(await refusal(batch)).toMatchObject({
    errorCode: "VALIDATION",
    message: "invalid transaction 1: posting 1: invalid asset",
  });
});

test("a batch is answered in its order, with consecutive numbers", async () => {
  const client = await testClient();
  const onward = { postings: [{ ...PAYMENT, source: "users:1", destination: "shop" }] };
  const transactions = [transaction, onward];
  const { data } = await client.createTransactions({ ledger: "main", transactions });
  expect(data).toMatchObject([
    { txid: 0n, postings: [PAYMENT] },
    { txid: 1n, postings: onward.postings },
  ]);
});

test("the ledger's refusals carry the contract's codes and messages", async () => {
  const client = await testClient();
  const create = (transaction: object) => client.createTransaction({ ledger: "main", transaction });
  await create({
    ...transaction,
    reference: "r",
    timestamp: { seconds: 1_700_000_000n, nanos: 5e8 },
  });
  const overdraft = { ...PAYMENT, source: "users:1", destination: "shop", amount: "101" };
  expect(await refusal(create({ postings: [overdraft] }))).toEqual({
    code: Code.FailedPrecondition,
    errorCode: "INSUFFICIENT_FUND",
    reason: "INSUFFICIENT_FUNDS",
    message: "balance.insufficient.USD/2",
    facts: { account: "users:1", asset: "USD/2", available: "100", needed: "101" },
  });
  expect(await refusal(create({ ...transaction, reference: "r" }))).toMatchObject({
    code: Code.AlreadyExists,
    errorCode: "CONFLICT",
    message: "conflict error on reference",
  });
  const past = { ...transaction, timestamp: { seconds: 1_699_996_399n, nanos: 0 } };
  expect(await refusal(create(past))).toMatchObject({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    message:
      "cannot pass a timestamp prior to the last transaction: 2023-11-14T21:13:19Z (passed) is 1h0m1.5s before 2023-11-14T22:13:20.5Z (last)",
  });
});

test("the same idempotency key gives the same answer, flagged; with another request it is refused", async () => {
  const client = await testClient();
  const metadata = { long: 1, b: { long: 1, b: 2 } };
  const request = {
    ledger: "main",
    transaction: { ...transaction, metadata },
    idempotencyKey: "k",
  };
  const hits: (string | null)[] = [];
  const onHeader = (headers: Headers) => hits.push(headers.get("Idempotency-Hit"));
  const first = await client.createTransaction(request, { onHeader });
  const again = await client.createTransaction(request, { onHeader });
  // To the byte: in the order of their keys too.
  expect(toJsonString(CreateTransactionResponseSchema, again)).toBe(
    toJsonString(CreateTransactionResponseSchema, first),
  );
  expect(hits).toEqual([null, "true"]);
  const other = { ...request, transaction: { postings: [{ ...PAYMENT, amount: "101" }] } };
  expect(await refusal(client.createTransaction(other))).toMatchObject({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    reason: "IDEMPOTENCY_KEY_REUSED",
  });
  const long = { ...request, idempotencyKey: "k".repeat(256) };
  expect(await refusal(client.createTransaction(long))).toMatchObject({
    reason: "INVALID_IDEMPOTENCY_KEY",
  });
});

test("metadata is merged key by key, into accounts that are made if need be and into transactions", async () => {
  const client = await testClient();
  const ledger = "main";
  await client.addMetadataToAccount({
    ledger,
    address: "users:9",
    metadata: { a: 1, b: { c: 2 } },
  });
  await client.addMetadataToAccount({
    ledger,
    address: "users:9",
    metadata: { b: { d: 3 }, e: null },
  });
  const account = await client.getAccount({ ledger, address: "users:9" });
  expect(account.data?.metadata).toEqual({ a: 1, b: { d: 3 }, e: null });

  await client.createTransaction({
    ledger,
    transaction: { ...transaction, metadata: { x: 1, y: 2 } },
  });
  await client.addMetadataOnTransaction({ ledger, txid: 0n, metadata: { y: 3 } });
  await client.addMetadataOnTransaction({ ledger, txid: 0n, metadata: { z: 4 } });
  const { data } = await client.getTransaction({ ledger, txid: 0n });
  expect(data?.metadata).toEqual({ x: 1, y: 3, z: 4 });
  expect(await refusal(client.addMetadataOnTransaction({ ledger, txid: 1n }))).toMatchObject({
    code: Code.NotFound,
    errorCode: "NOT_FOUND",
    message: "transaction not found",
  });
  expect(await refusal(client.addMetadataToAccount({ ledger, address: "a b" }))).toMatchObject({
    message: "invalid account address format",
  });
});

test("a revert undoes a transaction once, and marks both", async () => {
  const client = await testClient();
  const ledger = "main";
  const postings = [PAYMENT, { ...PAYMENT, source: "users:1", destination: "shop", amount: "40" }];
  await client.createTransaction({ ledger, transaction: { postings, reference: "order" } });
  const { data } = await client.revertTransaction({ ledger, txid: 0n });
  expect(data).toMatchObject({
    txid: 1n,
    postings: [
      { source: "shop", destination: "users:1", amount: "40" },
      { source: "users:1", destination: "world", amount: "100" },
    ],
    reference: "revert_order",
    metadata: { "com.numary.spec/state/reverts": "0" },
  });
  const original = await client.getTransaction({ ledger, txid: 0n });
  expect(original.data?.metadata).toEqual({ "com.numary.spec/state/reverted": { by: "1" } });
  expect(await refusal(client.revertTransaction({ ledger, txid: 0n }))).toMatchObject({
    errorCode: "VALIDATION",
    message: "transaction 0 already reverted",
  });
  expect(await refusal(client.revertTransaction({ ledger, txid: 7n }))).toMatchObject({
    errorCode: "NOT_FOUND",
    message: "transaction 7 not found",
  });
  expect(await refusal(client.revertTransaction({ ledger, txid: 2n ** 64n - 1n }))).toMatchObject({
    errorCode: "NOT_FOUND",
  });
  await client.createTransaction({ ledger, transaction });
  const spend = { ...PAYMENT, source: "users:1", destination: "shop" };
  await client.createTransaction({ ledger, transaction: { postings: [spend] } });
  expect(await refusal(client.revertTransaction({ ledger, txid: 2n }))).toMatchObject({
    errorCode: "INSUFFICIENT_FUND",
    message: "executing revert script for transaction 2: balance.insufficient.USD/2",
  });
});

test("an address may be called __proto__", async () => {
  const client = await testClient();
  const postings = [{ ...PAYMENT, destination: "__proto__" }];
  const { data } = await client.createTransaction({ ledger: "main", transaction: { postings } });
  expect(Object.keys(data[0]?.postCommitVolumes ?? {})).toEqual(["world", "__proto__"]);
  const account = await client.getAccount({ ledger: "main", address: "__proto__" });
  expect(account.data?.balances).toEqual({ "USD/2": "100" });
});

test("a ledger's name is checked by every call", async () => {
  const client = await testClient();
  for (const ledger of ["_system", "", "a b", "x".repeat(64)]) {
    for (const call of [
      () => client.createTransaction({ ledger, transaction }),
      () => client.getTransaction({ ledger }),
      () => client.readStats({ ledger }),
    ]) {
      expect(await refusal(call())).toMatchObject({
        code: Code.InvalidArgument,
        reason: "INVALID_LEDGER_NAME",
      });
    }
  }
});

test("a verification tells its progress and its verdict", async () => {
  const ledger = await testLedger();
  const client = clientOf(ledger);
  await client.createTransaction({ ledger: "main", transaction });
  const hash = (await client.listLogs({ ledger: "main" })).cursor?.data[0]?.hash ?? "";
  const verify = async (request: object = {}) => {
    const events = [];
    for await (const { event } of client.verifyLedger({ ledger: "main", ...request })) {
      events.push(event);
    }
    return events;
  };
  expect(await verify()).toMatchObject([
    { case: "progress", value: { checked: 1n, total: 1n } },
    { case: "verdict", value: { sound: true, problem: "", checked: 1n, lastHash: hash } },
  ]);
  expect((await verify({ expectedLogId: 0n, expectedHash: hash })).at(-1)?.value).toMatchObject({
    sound: true,
  });
  const other = { expectedLogId: 0n, expectedHash: "0".repeat(64) };
  expect((await verify(other)).at(-1)?.value).toMatchObject({ sound: false, firstBadLog: 0n });
  const beyond = { expectedLogId: 1n, expectedHash: hash };
  expect((await verify(beyond)).at(-1)?.value).toMatchObject({ sound: false, firstBadLog: 1n });
});
