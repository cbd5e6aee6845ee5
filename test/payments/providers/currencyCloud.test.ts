import { expect, test, vi } from "vitest";
import { startPaymentsApp } from "../paymentsApp.js";
import {
  API_KEY,
  type CloudTransaction,
  type FakeCurrencyCloud,
  LOGIN_ID,
  startCurrencyCloud,
} from "./currencyCloud.js";
import {
  eventsOf,
  eventually,
  paymentsBy,
  reach,
  startProcesses,
  troublesOf,
} from "./providerApp.js";

vi.setConfig({ testTimeout: 180_000 });

const CLOUD = "/connectors/CURRENCY-CLOUD";

const CONFIG = { loginID: LOGIN_ID, apiKey: API_KEY, pollingPeriod: "200ms" };

const COUNT = 330;
const CHANGED = 7;

const idOf = (index: number): string => `c${String(index).padStart(3, "0")}`;

/** Fills it; answers what is to become of that. */
function fill({ transactions }: FakeCurrencyCloud): string[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const [id, isJpy, isCredit] = [idOf(index), index % 5 === 0, index % 2 === 0];
    const [status, meaning] = index % 3 === 0 ? ["pending", "PENDING"] : ["completed", "SUCCEEDED"];
    const cents = index * 7 + 1;
    const amount = isJpy ? `${cents}.00` : (cents / 100).toFixed(2);
    const currency = isJpy ? "JPY" : "EUR";
    const type = isCredit ? "credit" : "debit";
    transactions.push({ id, currency, amount, type, status, action: "funding" });
    return `${id} ${isCredit ? "PAY-IN" : "PAYOUT"} ${meaning} ${cents} ${isJpy ? "JPY" : "EUR/2"}`;
  });
}

/** Completes the first that were pending and adds a payment, in `expected` too. */
function change({ transactions }: FakeCurrencyCloud, expected: string[]): void {
  for (let index = 0; index < 3 * CHANGED; index += 3) {
    transactions[index] = { ...(transactions[index] as CloudTransaction), status: "completed" };
    const cents = index * 7 + 1;
    expected[index] = `${expected[index]?.replace("PENDING", "SUCCEEDED")} was ${cents}`;
  }
  transactions.push({
    ...{ id: "new", currency: "GBP", amount: "1.15", type: "debit" },
    ...{ status: "deleted", action: "payment" },
  });
  expected.push("new PAYOUT FAILED 115 GBP/2");
}

test("all pages are read, through all faults, and read again for changes, with one login for all", async () => {
  const cloud = await startCurrencyCloud();
  const expected = fill(cloud);
  cloud.faults.push("500", "429", "cut", "html", "slow");
  const app = await startPaymentsApp({ CURRENCY_CLOUD_API_URL: cloud.url });
  expect((await app.call("POST", CLOUD, CONFIG)).status).toBe(204);
  await eventually(async () => expect(await paymentsBy(app.call)).toEqual(expected));
  await eventually(async () => expect(await troublesOf(app.call, "CURRENCY-CLOUD")).toEqual([]));
  expect(cloud.faults).toEqual([]);
  expect(await eventsOf(app.db)).toBe(COUNT);
  expect(cloud.logins).toEqual([true]);
  cloud.expire();
  change(cloud, expected);
  await eventually(async () => expect(await paymentsBy(app.call)).toEqual(expected));
  const { length } = cloud.asked;
  await eventually(() => expect(cloud.asked.length).toBeGreaterThan(length + 20));
  expect(cloud.logins).toEqual([true, true]);
  expect(await eventsOf(app.db)).toBe(COUNT + 1 + CHANGED);
  expect(await troublesOf(app.call, "CURRENCY-CLOUD")).toEqual([]);
  expect(cloud.complaints).toEqual([]);
  const { body } = await app.call("GET", "/payments?sort=reference:asc&pageSize=1");
  expect(body.cursor.data).toMatchObject([
    {
      ...{ provider: "CURRENCY-CLOUD", scheme: "other", accountID: "", initialAmount: 1 },
      raw: { id: "c000", amount: "1.00", action: "funding", status: "completed" },
      adjustments: [{ status: "SUCCEEDED", amount: 1, absolute: true }],
    },
  ]);
  const tasks = (await app.call("GET", `${CLOUD}/tasks`)).body.cursor.data;
  expect(tasks.map(({ descriptor }: never) => JSON.stringify(descriptor)).sort()).toEqual([
    '{"name":"Fetch transactions from client","key":"fetch-transactions"}',
    '{"name":"Main task to periodically fetch users and transactions","key":"main"}',
  ]);
});

test("kill -9 in the middle loses nothing, doubles nothing and tells each change once", async () => {
  const cloud = await startCurrencyCloud();
  const expected = fill(cloud);
  const { db, start } = await startProcesses({ CURRENCY_CLOUD_API_URL: cloud.url });
  const first = await start();
  expect((await first.call("POST", CLOUD, CONFIG)).status).toBe(204);
  await reach(db, 75);
  await first.end("SIGKILL");
  expect((await db("payments")).length).toBeLessThan(COUNT);
  change(cloud, expected);
  const { call } = await start();
  await eventually(async () => expect(await paymentsBy(call)).toEqual(expected));
  expect(await eventsOf(db)).toBe(COUNT + 1 + CHANGED);
  expect(cloud.logins).toEqual([true, true]);
  expect(cloud.complaints).toEqual([]);
  await db.destroy();
});

test("a login that is refused is not tried again with every period, but after a reset", async () => {
  const cloud = await startCurrencyCloud();
  fill(cloud);
  const app = await startPaymentsApp({ CURRENCY_CLOUD_API_URL: cloud.url });
  const config = { ...CONFIG, apiKey: "another key", pollingPeriod: "60ms" };
  const refused = [
    "fetch-transactions FAILED failed to initiate client: unexpected status code: 401",
  ];
  await app.call("POST", CLOUD, config);
  await eventually(async () =>
    expect(await troublesOf(app.call, "CURRENCY-CLOUD")).toEqual(refused),
  );
  const runs = () => app.db("connector_tasks").whereLike("descriptor", "%fetch%").first("fence");
  const before = Number((await runs()).fence);
  await eventually(async () => expect(Number((await runs()).fence)).toBeGreaterThan(before + 10));
  expect(await troublesOf(app.call, "CURRENCY-CLOUD")).toEqual(refused);
  expect(cloud.asked).toHaveLength(1);
  await app.call("POST", `${CLOUD}/reset`);
  await eventually(async () =>
    expect(await troublesOf(app.call, "CURRENCY-CLOUD")).toEqual(refused),
  );
  expect(cloud.logins).toEqual([false, false]);
});

test("what cannot be understood is named, and the rest is stored", async () => {
  const cloud = await startCurrencyCloud();
  const good = { currency: "EUR", amount: "1.00", type: "credit", status: "completed", action: "" };
  cloud.transactions.push(
    { ...good, id: "good" },
    { ...good, id: "many", amount: "many" },
    { ...good, id: "" },
    { ...good, id: "other", currency: "XXX" },
  );
  const app = await startPaymentsApp({ CURRENCY_CLOUD_API_URL: cloud.url });
  await app.call("POST", CLOUD, { ...CONFIG, pollingPeriod: "1h" });
  await eventually(async () =>
    expect(await troublesOf(app.call, "CURRENCY-CLOUD")).toEqual([
      'fetch-transactions FAILED transaction "many": failed to parse amount: "many" is none of EUR/2; transaction "other": unknown currency "XXX"; payment "": its reference cannot be stored',
    ]),
  );
  expect(await paymentsBy(app.call)).toEqual(["good PAY-IN SUCCEEDED 100 EUR/2"]);
});

test.each([
  [{}, "missing apiKey from config"],
  [{ apiKey: "k" }, "missing loginID from config"],
  [{ ...CONFIG, pollingPeriod: "-1s" }, "pollingPeriod must be greater than 0"],
  [
    { ...CONFIG, endpoint: "http://127.0.0.1:1" },
    "endpoint must be at https://devapi.currencycloud.com or https://api.currencycloud.com",
  ],
])("is not installed with %o", async (config, errorMessage) => {
  const { call } = await startPaymentsApp();
  expect(await call("POST", CLOUD, config)).toMatchObject({
    ...{ status: 400, body: { errorCode: "VALIDATION", errorMessage } },
  });
  const { data } = (await call("GET", "/connectors/configs")).body;
  expect(data["CURRENCY-CLOUD"]).toEqual({
    apiKey: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: false },
    loginID: { dataType: "string", required: true },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
});

test("the configuration is shown as it was given, its key masked", async () => {
  const cloud = await startCurrencyCloud();
  const app = await startPaymentsApp({ CURRENCY_CLOUD_API_URL: cloud.url });
  await app.call("POST", CLOUD, { loginID: LOGIN_ID, apiKey: API_KEY });
  expect((await app.call("GET", `${CLOUD}/config`)).body.data).toEqual({
    ...{ provider: "Currencycloud", name: "CURRENCY-CLOUD", pollingPeriod: "2m0s" },
    ...{ loginID: LOGIN_ID, apiKey: "***more", endpoint: "" },
  });
});
