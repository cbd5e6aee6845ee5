import { expect, test } from "vitest";
import { startTestApp } from "../../support/app.js";
import { expectSound } from "../support.js";

/** A server with a few transactions, and how to ask it over REST. */
async function server() {
  const app = await startTestApp({ AUTH_ENABLED: "false" });
  const send = (method: string, path: string, body?: object) =>
    fetch(`${app.url}/api/ledger${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
  const postings = [{ source: "world", destination: "users:1", amount: 100, asset: "USD/2" }];
  for (const n of [1, 2, 3]) {
    const metadata = { n, "a.b": n };
    const timestamp = `2023-07-10T12:00:0${n}.5Z`;
    await send("POST", "/main/transactions", { postings, metadata, timestamp });
  }
  const get = async (path: string) => {
    const response = await send("GET", path);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const head = async (path: string) => {
    const response = await send("HEAD", path);
    return {
      status: response.status,
      count: response.headers.get("count"),
      body: await response.text(),
    };
  };
  return { get, head };
}

test("a list has both spellings, no empty cursors, and times in seconds", async () => {
  const { get } = await server();
  const { status, body } = await get("/main/transactions?pageSize=1");
  const { next, ...cursor } = body.cursor;
  expect([status, cursor]).toEqual([
    200,
    {
      pageSize: 1,
      page_size: 1,
      hasMore: true,
      has_more: true,
      data: [
        {
          postings: [{ source: "world", destination: "users:1", amount: 100, asset: "USD/2" }],
          reference: "",
          metadata: { n: 3, "a.b": 3 },
          txid: 2,
          preCommitVolumes: {
            world: { "USD/2": { input: 0, output: 200, balance: -200 } },
            "users:1": { "USD/2": { input: 200, output: 0, balance: 200 } },
          },
          postCommitVolumes: {
            world: { "USD/2": { input: 0, output: 300, balance: -300 } },
            "users:1": { "USD/2": { input: 300, output: 0, balance: 300 } },
          },
          timestamp: "2023-07-10T12:00:03Z",
        },
      ],
    },
  ]);
  const second = await get(`/main/transactions?cursor=${next}`);
  expect(second.body.cursor.data).toMatchObject([{ txid: 1 }]);
  const first = await get(`/main/transactions?pagination_token=${second.body.cursor.previous}`);
  expect(first.body).toEqual(body);
});

test("times from the first second to the last are kept, found and verified", async () => {
  const app = await startTestApp({ AUTH_ENABLED: "false" });
  const send = async (path: string, body?: object) => {
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const request = body ? { ...init, body: JSON.stringify(body) } : {};
    const response = await fetch(`${app.url}/api/ledger/main${path}`, request);
    return JSON.parse(await response.text());
  };
  const [first, last] = ["0001-01-01T00:00:01Z", "9999-12-31T23:59:59Z"];
  const postings = [{ source: "world", destination: "users:1", amount: 100, asset: "USD/2" }];
  for (const timestamp of [first, "9999-12-31T22:59:59.999999999-01:00"]) {
    expect(await send("/transactions", { postings, timestamp })).toMatchObject({ data: [{}] });
  }
  for (const list of ["/transactions", "/logs"]) {
    const { cursor } = await send(`${list}?startTime=${first}&endTime=${last}`);
    expect(cursor.data, list).toHaveLength(1);
  }
  const { cursor } = await send("/transactions");
  expect(cursor.data).toMatchObject([{ timestamp: last }, { timestamp: first }]);
  await expectSound(app.db);
});

test("filters come as parameters, their old names too", async () => {
  const { get } = await server();
  const txids = async (query: string) =>
    (await get(`/main/transactions?${query}`)).body.cursor.data.map(
      (it: { txid: number }) => it.txid,
    );
  expect(await txids("page_size=2")).toEqual([2, 1]);
  expect(await txids("after=2&account=users:.*")).toEqual([1, 0]);
  expect(await txids("start_time=2023-07-10T12:00:01.5Z&end_time=2023-07-10T12:00:03.5Z")).toEqual([
    1, 0,
  ]);
  expect(await txids("startTime=2023-07-10T14:00:02%2B02:00")).toEqual([2, 1]);
  expect(await txids("metadata[a.b]=2")).toEqual([1]);
  expect(await txids("metadata%5Bn%5D=2&metadata[a.b]=2")).toEqual([1]);
  const { body } = await get("/main/accounts?balance=0&balance_operator=lt");
  expect(body.cursor.data).toEqual([{ address: "world", metadata: {} }]);
});

test("accounts, balances, sums, stats and logs have the contract's shapes", async () => {
  const { get } = await server();
  expect((await get("/main/accounts/users:1")).body).toEqual({
    data: {
      address: "users:1",
      metadata: {},
      volumes: { "USD/2": { input: 300, output: 0, balance: 300 } },
      balances: { "USD/2": 300 },
    },
  });
  expect((await get("/main/accounts/no:body")).body).toEqual({
    data: { address: "no:body", metadata: {}, volumes: {}, balances: {} },
  });
  const balances = await get("/main/balances?address=users:1&address=world");
  expect(balances.body.cursor.data).toEqual([
    { world: { "USD/2": -300 } },
    { "users:1": { "USD/2": 300 } },
  ]);
  expect((await get("/main/aggregate/balances")).body).toEqual({ data: { "USD/2": 0 } });
  expect((await get("/other/aggregate/balances")).body).toEqual({ data: {} });
  expect((await get("/main/stats")).body).toEqual({ data: { transactions: 3, accounts: 2 } });
  const logs = await get("/main/logs?pageSize=1");
  expect(logs.body.cursor.data).toMatchObject([
    { id: 2, type: "NEW_TRANSACTION", date: "2023-07-10T12:00:03.5Z", data: { txid: 2 } },
  ]);
});

test("HEAD counts", async () => {
  const { head } = await server();
  expect(await head("/main/transactions?account=users:1&metadata[n]=2")).toEqual({
    status: 200,
    count: "1",
    body: "",
  });
  expect(await head("/main/accounts?address=users:.*")).toEqual({
    status: 200,
    count: "1",
    body: "",
  });
  expect(await head("/other/accounts")).toEqual({ status: 200, count: "0", body: "" });
  expect(await head("/main/accounts?address=(")).toMatchObject({
    status: 400,
    count: null,
    body: "",
  });
});

test.each([
  ["/main/transactions?pageSize=abc", 400, "VALIDATION", "invalid 'pageSize' query param"],
  ["/main/transactions?page_size=-1", 400, "VALIDATION", "invalid 'page_size' query param"],
  ["/main/transactions?after=x", 400, "VALIDATION", "invalid 'after' query param"],
  ["/main/transactions?startTime=x", 400, "VALIDATION", "invalid 'startTime' query param"],
  ["/main/transactions?cursor=x", 400, "VALIDATION", "invalid 'cursor' query param"],
  ["/main/logs?pagination_token=x", 400, "VALIDATION", "invalid 'pagination_token' query param"],
  [
    "/main/balances?cursor=x&page_size=1",
    400,
    "VALIDATION",
    "no other query params can be set with 'cursor'",
  ],
  [
    "/main/accounts?pagination_token=x&address=a",
    400,
    "VALIDATION",
    "no other query params can be set with 'pagination_token'",
  ],
  ["/main/accounts?address=(", 400, "VALIDATION", "invalid regular expression in 'address'"],
  [
    "/main/accounts?balance=1.5",
    400,
    "VALIDATION",
    "invalid parameter 'balance', should be a number",
  ],
  [
    "/main/accounts?balance_operator=eq",
    400,
    "VALIDATION",
    "invalid parameter 'balance_operator', should be one of 'e, ne, gt, gte, lt, lte'",
  ],
  ["/main/accounts/a%20b", 400, "VALIDATION", "invalid account address format"],
  ["/main/transactions/batch", 400, "VALIDATION", "invalid transaction ID"],
  ["/main/transactions/-1", 400, "VALIDATION", "invalid transaction ID"],
  ["/main/transactions/3", 404, "NOT_FOUND", "transaction not found"],
  ["/main/transactions/18446744073709551615", 404, "NOT_FOUND", "transaction not found"],
  ["/main/transactions/18446744073709551616", 400, "VALIDATION", "invalid transaction ID"],
])("%s is refused", async (path, status, errorCode, errorMessage) => {
  const { get } = await server();
  expect(await get(path)).toMatchObject({
    status,
    body: { errorCode, errorMessage, error_code: errorCode, error_message: errorMessage },
  });
});
