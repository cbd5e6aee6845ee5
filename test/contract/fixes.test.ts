import { expect, test } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import { clientOf } from "../ledger/client.js";
import { NOW, testLedger, transaction } from "../ledger/support.js";
import { testDatabaseUrl } from "../support/database.js";
import { openServer, type Told } from "./openServer.js";

// Faults of the reference that no client relies on. What has a test elsewhere is listed in checklist.test.ts.

/** "400 VALIDATION" */
const refusalOf = ({ status, body }: Told) => `${status} ${body.errorCode}`;

test("a mapping that is none is refused, and the one before stays", async () => {
  const { send } = await openServer();
  const expr = { $gte: ["$balance", -10] };
  const set = (contracts: unknown) => send("PUT /main/mapping", { contracts });
  await set([{ account: "users:*", expr }]);
  for (const bad of [
    {},
    { $gte: ["$balance"] },
    { $gte: ["$balance", 1, 2] },
    { $gte: "all" },
    { $gte: ["$balance", 1.5] },
    { $no: ["$balance", 1] },
    { $and: [], $or: [] },
    { $and: [1] },
    { $meta: "key" },
    { plain: 1 },
  ]) {
    const told = await set([{ account: "users:*", expr: bad }]);
    expect(refusalOf(told), JSON.stringify(bad)).toBe("400 VALIDATION");
    expect(told.body.errorMessage).not.toBe("");
  }
  for (const bad of [
    5,
    "all",
    [5],
    [{ account: "a" }],
    [{ account: "(", expr }],
    [{ account: "a", expr: 5 }],
  ]) {
    expect(refusalOf(await set(bad)), JSON.stringify(bad)).toBe("400 VALIDATION");
  }
  const { body } = await send("GET /main/mapping");
  expect(body.data.contracts).toEqual([{ name: "", account: "users:*", expr }]);
});

test("a mapping is read as JSON, whatever its content type is", async () => {
  const { send } = await openServer();
  const contracts = [{ account: "users:*", expr: { $gte: ["$balance", -10] } }];
  for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/json"]) {
    const { status } = await send("PUT /main/mapping", { contracts }, { "content-type": type });
    expect(status, type).toBe(200);
    expect((await send("GET /main/mapping")).body.data.contracts, type).toMatchObject(contracts);
  }
});

test("a fault of ours is told in the standard body, with a request id and nothing else", async () => {
  const { app, send, pay } = await openServer();
  await pay("world > a 1 USD/2");
  await app.db.raw("alter table accounts rename to hidden");
  for (const call of ["GET /main/accounts", "GET /main/accounts/a", "GET /main/balances"]) {
    const { status, headers, body } = await send(call);
    const message = `internal error (request ${headers.get("x-request-id")})`;
    const twins = { error_code: "INTERNAL", error_message: message };
    expect([status, body], call).toEqual([
      500,
      { errorCode: "INTERNAL", errorMessage: message, ...twins },
    ]);
  }
  await app.db.raw("alter table hidden rename to accounts");
});

test("metadata that is null is refused, and what was there stays", async () => {
  const { send, pay } = await openServer();
  await pay("world > a 1 USD/2", { metadata: { kept: true } });
  for (const target of ["transactions/0", "accounts/a"]) {
    await send(`POST /main/${target}/metadata`, { kept: true });
    expect(await send(`POST /main/${target}/metadata`, "null")).toMatchObject({
      status: 400,
      body: {
        errorCode: "VALIDATION",
        errorMessage: expect.stringMatching(/^invalid metadata format/),
      },
    });
    expect((await send(`GET /main/${target}`)).body.data.metadata).toEqual({ kept: true });
  }
});

test("a key of metadata with a dot is found as it stands, and otherwise as a path", async () => {
  const { send, pay } = await openServer();
  await pay("world > a 1 USD/2", { metadata: { "com.acme/kind": "x" } });
  await pay("world > a 1 USD/2", { metadata: { com: { "acme/kind": "x" } } });
  await pay("world > a 1 USD/2", { metadata: { com: { "acme/kind": "y" } } });
  const { body } = await send("GET /main/transactions?metadata[com.acme/kind]=x");
  expect(body.cursor.data.map(({ txid }: { txid: number }) => txid)).toEqual([1, 0]);
});

test("a filter of one character is a filter, and an empty one is none", async () => {
  const { send, pay } = await openServer();
  await pay("world > a 1 USD/2");
  for (const list of ["accounts", "balances"]) {
    const count = async (address: string) =>
      (await send(`GET /main/${list}?address=${address}`)).body.cursor.data.length;
    expect([await count("a"), await count("*"), await count("")], list).toEqual([1, 2, 2]);
  }
  expect((await send("GET /main/aggregate/balances?address=a")).body.data).toEqual({ "USD/2": 1 });
  expect((await send("GET /main/aggregate/balances?address=")).body.data).toEqual({ "USD/2": 0 });
});

test("a cursor carries all that was asked for, the asset of a balance and metadata too", async () => {
  const { send, pay } = await openServer();
  for (const [account, asset] of [
    ["a", "USD/2"],
    ["b", "EUR/2"],
    ["c", "USD/2"],
  ] as const) {
    await pay(`world > ${account} 5 ${asset}`, { metadata: { asset } });
  }
  const pages = async (path: string) => {
    const [list] = path.split("?");
    const keys: unknown[] = [];
    for (let query: string | null = path; query !== null; ) {
      const { body }: Told = await send(`GET /main/${query}`);
      const { data, next } = body.cursor;
      keys.push(
        ...data.map(({ txid, address }: { txid?: number; address?: string }) => txid ?? address),
      );
      query = next === undefined ? null : `${list}?cursor=${next}`;
    }
    return keys;
  };
  expect(await pages("accounts?balance=1&balanceAsset=USD/2&pageSize=1")).toEqual(["c", "a"]);
  expect(await pages("transactions?metadata[asset]=USD/2&pageSize=1")).toEqual([2, 0]);
});

test("times are found in whatever zone the database lives", async () => {
  const url = await testDatabaseUrl();
  const admin = openDatabase({ url, poolSize: 1 });
  await admin.raw(
    "do $$ begin execute format('alter database %I set timezone to %L', current_database(), 'Asia/Kathmandu'); end $$",
  );
  await admin.destroy();
  const db = openDatabase({ url, poolSize: 2 });
  const ledger = await testLedger({ db });
  const [setting] = await db("pg_db_role_setting")
    .join("pg_database", "pg_database.oid", "setdatabase")
    .whereRaw("datname = current_database()")
    .pluck("setconfig");
  expect(setting).toEqual(["TimeZone=Asia/Kathmandu"]);
  for (const second of [0n, 1n]) {
    const timestamp = NOW + second * 1_000_000n;
    await ledger.write("main", transaction("world > a 1 USD/2", { timestamp }));
  }
  const startTime = { seconds: NOW / 1_000_000n + 1n, nanos: 0 };
  const { cursor } = await clientOf(ledger).listTransactions({ ledger: "main", startTime });
  expect(cursor?.data).toMatchObject([{ txid: 1n, timestamp: startTime }]);
});

test("numbers of transactions and logs have 64 bits", async () => {
  const { db } = await testLedger();
  const columns: string[] = await db("information_schema.columns")
    .where({ table_schema: "public" })
    .whereIn("column_name", [
      "txid",
      "target_txid",
      "next_txid",
      "next_log",
      "first_log",
      "last_log",
    ])
    .distinct("data_type")
    .pluck("data_type");
  expect(columns).toEqual(["bigint"]);
});

test("contracts compare numbers by their value, of balances and of metadata alike", async () => {
  const { send, pay } = await openServer();
  const only = (expr: object) => send("PUT /main/mapping", { contracts: [{ account: "a", expr }] });
  await pay("world > a 90071992547409930 USD/2");
  await send("POST /main/accounts/a/metadata", { least: 5, name: "x" });
  // An integer that no double can hold.
  const exact = '{"contracts":[{"account":"a","expr":{"$eq":["$balance",90071992547409929]}}]}';
  await send("PUT /main/mapping", exact);
  expect((await pay("a > b 1 USD/2")).status).toBe(200);
  expect((await pay("a > b 1 USD/2")).status).toBe(400);
  await only({ $gte: ["$balance", { $meta: "least" }] });
  expect((await pay("a > b 90071992547409924 USD/2")).status).toBe(200);
  expect((await pay("a > b 1 USD/2")).status).toBe(400);
  await only({ $eq: [{ $meta: "name" }, "x"] });
  expect((await pay("a > b 5 USD/2")).status).toBe(200);
});

test("a variable must be an account or an asset to stand for one", async () => {
  const { send } = await openServer();
  const run = (type: string, value: string, use: string) =>
    send("POST /main/script", {
      plain: `vars { ${type} $v }\nsend [${type === "asset" ? "$v" : "USD/2"} 1] (source = @world destination = ${use})`,
      vars: { v: value },
    });
  for (const [type, value, use] of [
    ["account", "", "$v"],
    ["account", "a b", "$v"],
    ["account", "users:", "$v"],
    ["asset", "usd", "@a"],
    ["asset", "", "@a"],
  ] as const) {
    const { body } = await run(type, value, use);
    expect(body.errorCode, `${type} "${value}"`).toBe("COMPILATION_FAILED");
  }
  for (const [type, value, use] of [
    ["account", "users-1:2", "$v"],
    ["asset", "USD/2", "@a"],
  ] as const) {
    expect((await run(type, value, use)).body).not.toHaveProperty("errorCode");
  }
  const literal = "send [12 1] (source = @world destination = @a)";
  expect((await send("POST /main/script", { plain: literal })).body.errorCode).toBe(
    "COMPILATION_FAILED",
  );
});

test("what a script writes into metadata a script can read, of every type", async () => {
  const { send } = await openServer();
  const written = await send("POST /main/script", {
    plain: `send [USD/2 100] (source = @world destination = @a)
set_account_meta(@a, "account", @users:1)
set_account_meta(@a, "asset", USD/2)
set_account_meta(@a, "number", 42)
set_account_meta(@a, "monetary", [USD/2 7])
set_account_meta(@a, "portion", 1/4)
set_account_meta(@a, "string", "hello")`,
  });
  expect(written.body).not.toHaveProperty("errorCode");
  const { body } = await send("GET /main/accounts/a");
  expect(body.data.metadata).toEqual({
    account: { type: "account", value: "users:1" },
    asset: { type: "asset", value: "USD/2" },
    number: { type: "number", value: 42 },
    monetary: { type: "monetary", value: { asset: "USD/2", amount: 7 } },
    portion: { type: "portion", value: { remaining: false, specific: "1/4" } },
    string: { type: "string", value: "hello" },
  });
  await send("POST /main/accounts/a/metadata", { plain: "users:2" });
  const types = ["account", "asset", "number", "monetary", "portion", "string"];
  const read = await send("POST /main/script", {
    plain: `vars {
${types.map((type) => `  ${type} $${type} = meta(@a, "${type}")`).join("\n")}
  account $plain = meta(@a, "plain")
}
send $monetary (source = @a destination = { $portion to $account remaining to $plain })
${types.map((type) => `set_tx_meta("${type}", $${type})`).join("\n")}`,
  });
  expect(read.body.transaction).toMatchObject({
    postings: [
      { destination: "users:1", amount: 2 },
      { destination: "users:2", amount: 5 },
    ],
    metadata: Object.fromEntries(types.map((type) => [type, body.data.metadata[type]])),
  });
});
