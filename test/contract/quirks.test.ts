import { expect, test } from "vitest";
import { openServer } from "./openServer.js";

// What clients of the reference rely on, however odd. What has a test elsewhere is listed in checklist.test.ts.

const SEND = "send [USD/2 5] (source = @world destination = @users:2)";

test("errors have both spellings of their code and message, those of a script too", async () => {
  const { send } = await openServer();
  for (const { body } of [
    await send("GET /main/transactions/0"),
    await send("POST /main/script", { plain: "" }),
  ]) {
    expect(body.errorCode).not.toBe("");
    expect(body).toMatchObject({ error_code: body.errorCode, error_message: body.errorMessage });
  }
});

test("a created transaction comes in a list, one that is read or reverted by itself, a script's at the top", async () => {
  const { send, pay } = await openServer();
  expect((await pay("world > a 1 USD/2")).body.data).toMatchObject([{ txid: 0 }]);
  expect((await send("GET /main/transactions/0")).body.data).toMatchObject({ txid: 0 });
  expect((await send("POST /main/transactions/0/revert")).body.data).toMatchObject({ txid: 1 });
  const { body } = await send("POST /main/script", { plain: SEND });
  expect(body.transaction).toMatchObject({ txid: 2 });
  expect(body).not.toHaveProperty("data");
});

test("amounts go in and out as bare integers, to the last digit", async () => {
  const { send, pay } = await openServer();
  const amount = "1234567890123456789012345678901234567890";
  const { text } = await pay(`world > a ${amount} ETH/18`);
  expect(text).toContain(`"amount":${amount},`);
  expect(text).toContain(`"input":${amount},"output":0,"balance":${amount}`);
  for (const path of ["accounts/a", "balances", "transactions", "logs"]) {
    expect((await send(`GET /main/${path}`)).text, path).toMatch(new RegExp(`[:-]${amount}[,}]`));
  }
  for (const wrong of [`"${amount}"`, "1.0", "1e3"]) {
    expect((await pay(`world > a ${wrong} ETH/18`)).status, wrong).toBe(400);
  }
});

test("numbers of transactions and logs begin at 0, and cursors are texts that need no encoding", async () => {
  const { send, pay } = await openServer();
  for (let n = 0; n < 3; n++) await pay("world > a 1 USD/2");
  for (const list of ["transactions", "logs"]) {
    const first = (await send(`GET /main/${list}?pageSize=2`)).body.cursor;
    const second = (await send(`GET /main/${list}?cursor=${first.next}`)).body.cursor;
    const numbers = [...first.data, ...second.data].map(({ txid, id }) => txid ?? id);
    expect(numbers).toEqual([2, 1, 0]);
    for (const cursor of [first.next, second.previous]) expect(cursor).toMatch(/^[\w-]+$/);
  }
});

test("a page of 0 is one of 15, and one of more than 1000 is one of 1000, on every list", async () => {
  const { send } = await openServer();
  for (const list of ["accounts", "balances", "transactions", "logs"]) {
    for (const [asked, given] of Object.entries({ "": 15, "0": 15, "7": 7, "1001": 1000 })) {
      const { body } = await send(`GET /main/${list}?pageSize=${asked}`);
      expect(body.cursor, `${list} ${asked}`).toMatchObject({ pageSize: given, page_size: given });
    }
  }
});

test("a time from which on is inclusive, one up to which exclusive, and transactions are shown in seconds", async () => {
  const { send, pay } = await openServer();
  await pay("world > a 1 USD/2", { timestamp: "2023-07-10T12:00:01.5Z" });
  await pay("world > a 1 USD/2", { timestamp: "2023-07-10T12:00:02.5Z" });
  for (const list of ["transactions", "logs"]) {
    const of = async (query: string) =>
      (await send(`GET /main/${list}?${query}`)).body.cursor.data.length;
    expect(await of("startTime=2023-07-10T12:00:01.5Z&endTime=2023-07-10T12:00:02.5Z")).toBe(1);
    expect(await of("startTime=2023-07-10T12:00:01.5Z")).toBe(2);
    expect(await of("start_time=2023-07-10T12:00:02.500001Z")).toBe(0);
    expect(await of("end_time=2023-07-10T12:00:02.5Z")).toBe(1);
  }
  const { body } = await send("GET /main/transactions/0");
  expect(body.data.timestamp).toBe("2023-07-10T12:00:01Z");
});

test("world and accounts that have nothing but metadata are listed and counted", async () => {
  const { send, pay } = await openServer();
  await pay("world > a 0 USD/2");
  await send("POST /main/accounts/noted/metadata", { a: 1 });
  const { body } = await send("GET /main/accounts");
  expect(body.cursor.data.map(({ address }: { address: string }) => address)).toEqual([
    "world",
    "noted",
    "a",
  ]);
  expect((await send("HEAD /main/accounts")).headers.get("count")).toBe("3");
  expect((await send("GET /main/stats")).body.data).toEqual({ accounts: 3, transactions: 1 });
  // Balances are of accounts that have volumes.
  expect((await send("GET /main/balances")).body.cursor.data).toHaveLength(2);
});

test("a reference that is taken is 409, funds that are missing are 400 and name the asset", async () => {
  const { pay } = await openServer();
  await pay("world > a 1 USD/2", { reference: "r" });
  expect(await pay("world > a 1 USD/2", { reference: "r" })).toMatchObject({
    status: 409,
    body: { errorCode: "CONFLICT", errorMessage: "conflict error on reference" },
  });
  expect(await pay("a > b 2 USD/2")).toMatchObject({
    status: 400,
    body: { errorCode: "INSUFFICIENT_FUND", errorMessage: "balance.insufficient.USD/2" },
  });
});

test("the first contract whose pattern is found in an address decides, for postings and reverts, never for scripts or world", async () => {
  const { send, pay } = await openServer();
  const atLeast = (balance: number) => ({ $gte: ["$balance", balance] });
  await send("PUT /main/mapping", {
    contracts: [
      { account: "credit:*", expr: atLeast(-100) },
      { account: "credit", expr: atLeast(-200) },
      { account: "world", expr: atLeast(0) },
      { account: "frozen", expr: { $eq: ["$balance", 50] } },
    ],
  });
  const statusOf = async (posting: string) => (await pay(posting)).status;
  expect(await statusOf("world > frozen 50 USD/2")).toBe(200);
  // The pattern need not be the whole address; the first of two decides; no other one is asked.
  expect(await statusOf("my:credit:1 > a 100 USD/2")).toBe(200);
  expect(await statusOf("my:credit:1 > a 1 USD/2")).toBe(400);
  expect(await statusOf("credit > a 200 USD/2")).toBe(200);
  expect(await statusOf("credit > a 1 USD/2")).toBe(400);
  // Of the others, none may go below zero.
  expect(await statusOf("nobody > a 1 USD/2")).toBe(400);
  // Only who ends with less is asked, and only at the end.
  expect(await statusOf("world > my:credit:1 30 USD/2")).toBe(200);
  expect(await statusOf("world > frozen 1 USD/2")).toBe(200);
  expect(await statusOf("frozen > a 2 USD/2")).toBe(400);
  expect(await statusOf("frozen > a 1 USD/2")).toBe(200);
  const detour = [
    { source: "frozen", destination: "a", asset: "USD/2", amount: 9 },
    { source: "a", destination: "frozen", asset: "USD/2", amount: 9 },
  ];
  expect((await send("POST /main/transactions", { postings: detour })).status).toBe(200);
  expect((await send("POST /main/transactions/0/revert")).body).toMatchObject({
    errorCode: "INSUFFICIENT_FUND",
    errorMessage: "executing revert script for transaction 0: balance.insufficient.USD/2",
  });
  const plain = "send [USD/2 50] (source = @frozen destination = @a)";
  expect((await send("POST /main/script", { plain })).body).not.toHaveProperty("errorCode");
});

test("logs show what was written: no volumes, and metadata as it was", async () => {
  const { send, pay } = await openServer();
  await pay("world > a 1 USD/2", { metadata: { m: 1 }, timestamp: "2023-07-10T12:00:00.25Z" });
  await send("POST /main/transactions/0/metadata", { m: 2 });
  await send("POST /main/accounts/a/metadata", { n: 3 });
  const { body } = await send("GET /main/logs");
  expect(
    body.cursor.data.map(({ id, type, data }: Record<string, unknown>) => [id, type, data]),
  ).toEqual([
    [2, "SET_METADATA", { targetType: "ACCOUNT", targetId: "a", metadata: { n: 3 } }],
    [1, "SET_METADATA", { targetType: "TRANSACTION", targetId: 0, metadata: { m: 2 } }],
    [
      0,
      "NEW_TRANSACTION",
      {
        postings: [{ source: "world", destination: "a", amount: 1, asset: "USD/2" }],
        reference: "",
        metadata: { m: 1 },
        timestamp: "2023-07-10T12:00:00.25Z",
        txid: 0,
      },
    ],
  ]);
});

test("a request that is repeated under its key is answered as before; another one under it is refused with a reason", async () => {
  const { send } = await openServer();
  const key = { "Idempotency-Key": "k" };
  const body = { postings: [{ source: "world", destination: "a", asset: "USD/2", amount: 1 }] };
  const first = await send("POST /main/transactions", body, key);
  const again = await send("POST /main/transactions", body, key);
  expect(again.text).toBe(first.text);
  expect(first.headers.has("idempotency-hit")).toBe(false);
  expect(again.headers.get("idempotency-hit")).toBe("true");
  expect(await send("POST /main/accounts/a/metadata", {}, key)).toMatchObject({
    status: 400,
    body: {
      errorCode: "VALIDATION",
      errorMessage: "the idempotency key was used for another request",
    },
  });
  expect((await send("GET /main/stats")).body.data.transactions).toBe(1);
});

test("nothing, a payment to oneself and a debt between two postings are accepted", async () => {
  const { send, pay } = await openServer();
  expect((await pay("a > b 0 USD/2")).status).toBe(200);
  expect((await pay("a > a 5 USD/2")).body.data[0].postCommitVolumes).toEqual({
    a: { "USD/2": { input: 5, output: 5, balance: 0 } },
  });
  const postings = [
    { source: "a", destination: "b", asset: "USD/2", amount: 9 },
    { source: "world", destination: "a", asset: "USD/2", amount: 9 },
  ];
  expect((await send("POST /main/transactions", { postings })).status).toBe(200);
});
