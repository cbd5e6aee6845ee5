import { expect, test, vi } from "vitest";
import { startPaymentsApp } from "../paymentsApp.js";
import {
  type FakeModulr,
  MODULR_KEY,
  MODULR_SECRET,
  type ModulrTransaction,
  startModulr,
} from "./modulr.js";
import {
  eventsOf,
  eventually,
  paymentsBy,
  reach,
  startProcesses,
  troublesOf,
} from "./providerApp.js";

vi.setConfig({ testTimeout: 180_000 });

const MODULR = "/connectors/MODULR";

const CONFIG = { apiKey: MODULR_KEY, apiSecret: MODULR_SECRET, pollingPeriod: "200ms" };

const ACCOUNTS = 5;
const EACH = 60;

/** Fills five accounts; answers what is to become of them. */
function fill({ accounts }: FakeModulr): string[] {
  const expected: string[] = [];
  for (let account = 0; account < ACCOUNTS; account++) {
    const [id, currency] = [`A${account}`, account === 4 ? "JPY" : "GBP"];
    const transactions: ModulrTransaction[] = [];
    for (let index = 0; index < EACH; index++) {
      const reference = `T${account}-${String(index).padStart(3, "0")}`;
      const cents = 1000 * account + index;
      const amount = currency === "JPY" ? cents : Number((cents / 100).toFixed(2));
      const [type, meaning] = TYPES[index % TYPES.length] ?? ["", ""];
      transactions.unshift({ id: reference, type, amount, account: { id, currency } });
      expected.push(
        `${reference} ${meaning} SUCCEEDED ${cents} ${currency === "JPY" ? "JPY" : "GBP/2"}`,
      );
    }
    accounts.push({ id, currency, transactions });
  }
  return expected;
}

const TYPES = [
  ["PI_FAST", "PAY-IN"],
  ["PO_FAST", "PAYOUT"],
  ["PO_REV", "OTHER"],
] as const;

/** Changes one amount and adds a payment, in `expected` too. */
function change({ accounts }: FakeModulr, expected: string[]): void {
  const first = accounts[1]?.transactions;
  const at = first?.findIndex(({ id }) => id === "T1-000") ?? -1;
  first?.splice(at, 1, { ...(first[at] as ModulrTransaction), amount: "12.34" });
  first?.unshift({ id: "T1-new", type: "PI_BACS", amount: "0.29", account: GBP });
  expected.splice(EACH, 1, "T1-000 PAY-IN SUCCEEDED 1234 GBP/2 was 1000");
  expected.splice(2 * EACH, 0, "T1-new PAY-IN SUCCEEDED 29 GBP/2");
}

const GBP = { id: "A1", currency: "GBP" };

test("all accounts are read to their ends, through all faults, and read again for changes", async () => {
  const modulr = await startModulr();
  const expected = fill(modulr);
  modulr.faults.push("500", "429", "cut", "html", "slow");
  const app = await startPaymentsApp({ MODULR_API_URL: `${modulr.url}/api-sandbox` });
  expect((await app.call("POST", MODULR, CONFIG)).status).toBe(204);
  await eventually(async () => expect(await paymentsBy(app.call)).toEqual(expected));
  await eventually(async () => expect(await troublesOf(app.call, "MODULR")).toEqual([]));
  expect(modulr.faults).toEqual([]);
  expect(await eventsOf(app.db)).toBe(300);
  change(modulr, expected);
  await eventually(async () => expect(await paymentsBy(app.call)).toEqual(expected));
  const { length } = modulr.asked;
  await eventually(() => expect(modulr.asked.length).toBeGreaterThan(length + 25));
  expect(await eventsOf(app.db)).toBe(302);
  expect(modulr.complaints).toEqual([]);
  const { body } = await app.call("GET", "/payments?sort=reference:asc&pageSize=1");
  expect(body.cursor.data).toMatchObject([
    {
      ...{ reference: "T0-000", provider: "MODULR", scheme: "other", accountID: "" },
      raw: { id: "T0-000", type: "PI_FAST", amount: 0, account: { id: "A0", currency: "GBP" } },
    },
  ]);
  const tasks = (await app.call("GET", `${MODULR}/tasks?pageSize=100`)).body.cursor.data;
  const descriptors = tasks.map(({ descriptor }: never) => JSON.stringify(descriptor)).sort();
  expect(descriptors.slice(0, 3)).toEqual([
    '{"name":"Fetch transactions from client by account","key":"fetch-transactions","accountID":"A0"}',
    '{"name":"Fetch transactions from client by account","key":"fetch-transactions","accountID":"A1"}',
    '{"name":"Fetch transactions from client by account","key":"fetch-transactions","accountID":"A2"}',
  ]);
  expect(descriptors.slice(5)).toEqual([
    '{"name":"Fetch users from client","key":"fetch-accounts","accountID":""}',
    '{"name":"Main task to periodically fetch accounts and transactions","key":"main","accountID":""}',
  ]);
});

test("kill -9 in the middle loses nothing, doubles nothing and tells each change once", async () => {
  const modulr = await startModulr();
  const expected = fill(modulr);
  const { db, start } = await startProcesses({ MODULR_API_URL: `${modulr.url}/api-sandbox` });
  const first = await start();
  expect((await first.call("POST", MODULR, CONFIG)).status).toBe(204);
  await reach(db, 75);
  await first.end("SIGKILL");
  expect((await db("payments")).length).toBeLessThan(300);
  change(modulr, expected);
  const { call } = await start();
  const unadjusted = (texts: string[]) => texts.map((it) => it.replace(/ was .*/, ""));
  await eventually(async () =>
    expect(unadjusted(await paymentsBy(call))).toEqual(unadjusted(expected)),
  );
  const adjustments = (await db("payment_adjustments")).length;
  expect(adjustments).toBeLessThan(2);
  expect(await eventsOf(db)).toBe(301 + adjustments);
  expect(modulr.complaints).toEqual([]);
  await db.destroy();
});

test("the sandbox that takes keys as they are is given the key", async () => {
  const modulr = await startModulr();
  fill(modulr);
  const app = await startPaymentsApp({ MODULR_API_URL: modulr.url });
  const endpoint = `${modulr.url}/api-sandbox-token/`;
  expect((await app.call("POST", MODULR, { ...CONFIG, endpoint })).status).toBe(204);
  await reach(app.db, 300);
  expect(modulr.complaints).toEqual([]);
  expect(modulr.asked.every(({ headers }) => headers["x-mod-nonce"] === undefined)).toBe(true);
});

test("who is refused is told so, and asks once in a period", async () => {
  const modulr = await startModulr();
  const app = await startPaymentsApp({ MODULR_API_URL: `${modulr.url}/api-sandbox` });
  const config = { ...CONFIG, apiSecret: "another secret", pollingPeriod: "1h" };
  expect((await app.call("POST", MODULR, config)).status).toBe(204);
  await eventually(async () =>
    expect(await troublesOf(app.call, "MODULR")).toEqual([
      "fetch-accounts FAILED GET /accounts: answered 401",
    ]),
  );
  expect(modulr.complaints).toEqual(["another signature"]);
});

test("what cannot be understood is named, and the rest is stored", async () => {
  const modulr = await startModulr();
  modulr.accounts.push({
    ...{ id: "A/1", currency: "USD" },
    transactions: [
      { id: "good", type: "PI_FAST", amount: "1.15" },
      { id: "fine", type: "PI_FAST", amount: "1.005" },
      { id: "", type: "PI_FAST", amount: 1 },
      { id: "negative", type: "PI_FAST", amount: -1 },
    ],
  });
  modulr.accounts.push({ id: "", currency: "USD", transactions: [] });
  const app = await startPaymentsApp({ MODULR_API_URL: `${modulr.url}/api-sandbox` });
  await app.call("POST", MODULR, { ...CONFIG, pollingPeriod: "1h" });
  await eventually(async () => {
    const troubles = await troublesOf(app.call, "MODULR");
    expect(troubles.sort()).toEqual([
      "fetch-accounts FAILED an account has no id",
      expect.stringMatching(
        /^fetch-transactions FAILED transaction "fine": failed to parse amount: "1.005" is none of USD\/2; payment "": its reference cannot be stored; payment "negative": its amount is negative: -100$/,
      ),
    ]);
  });
  expect(await paymentsBy(app.call)).toEqual(["good PAY-IN SUCCEEDED 115 USD/2"]);
});

test.each([
  [{}, "missing apiKey from config"],
  [{ apiKey: "k" }, "missing apiSecret from config"],
  [{ ...CONFIG, pollingPeriod: "-1s" }, "pollingPeriod must be greater than 0"],
  [
    { ...CONFIG, endpoint: "http://127.0.0.1:1" },
    "endpoint must be at https://api-sandbox.modulrfinance.com or https://api.modulrfinance.com",
  ],
])("is not installed with %o", async (config, errorMessage) => {
  const { call } = await startPaymentsApp();
  expect(await call("POST", MODULR, config)).toMatchObject({
    ...{ status: 400, body: { errorCode: "VALIDATION", errorMessage } },
  });
  const { data } = (await call("GET", "/connectors/configs")).body;
  expect(data["MODULR"]).toEqual({
    apiKey: { dataType: "string", required: true },
    apiSecret: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: false },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
});
