import { expect, test, vi } from "vitest";
import {
  type CurrencyCloud,
  loginID,
  startCurrencyCloud,
  type Transaction,
} from "./currencyCloud.js";
import type { Seen } from "./fakeProvider.js";
import { expectRefusals, installed } from "./installs.js";
import { eventually, expectSilence, numbered, startKillableStage, startStage } from "./stage.js";

vi.setConfig({ testTimeout: 180_000 });

const CONFIG = { loginID, apiKey: "key of currencycloud & more", pollingPeriod: "300ms" };

const variablesFor = ({ url }: CurrencyCloud) => ({ CURRENCY_CLOUD_API_URL: url });

const isLogin = ({ path }: Seen): boolean => path === "/v2/authenticate/api";
const loginsAt = ({ seen }: CurrencyCloud): number => seen.filter(isLogin).length;
const pollsOf = ({ seen }: CurrencyCloud): number =>
  seen.filter(({ query }) => query.get("page") === "1").length;

const credit = (id: string, changes: Partial<Transaction> = {}): Transaction => ({
  ...{ id, currency: "EUR", amount: "1.00", type: "credit", status: "completed" },
  ...{ action: "funding", ...changes },
});

/** Fills it with 130; answers what is to become of that. */
const fill = ({ transactions }: CurrencyCloud): string[] =>
  numbered(130, "c").map((id, index) => {
    const [isJpy, isCredit, units] = [index % 5 === 0, index % 2 === 0, index * 7 + 1];
    const [status, meaning] = index % 3 === 0 ? ["pending", "PENDING"] : ["completed", "SUCCEEDED"];
    const amount = isJpy ? `${units}.00` : (units / 100).toFixed(2);
    const [currency, asset] = isJpy ? ["JPY", "JPY"] : ["EUR", "EUR/2"];
    const [type, direction] = isCredit ? ["credit", "PAY-IN"] : ["debit", "PAYOUT"];
    transactions.push(credit(id, { currency, amount, type, status }));
    return `${id} ${direction} ${meaning} ${units} ${units} ${asset}`;
  });

/** Completes two that were pending, on the first page and the last but one, and adds a payment. */
function change({ transactions }: CurrencyCloud): void {
  for (const index of [3, 120])
    transactions[index] = { ...(transactions[index] as Transaction), status: "completed" };
  transactions.push(
    credit("new", { currency: "GBP", amount: "1.15", type: "debit", status: "deleted" }),
  );
}

const NEW = "new PAYOUT FAILED 115 115 GBP/2";

test("all pages are read, whatever befalls, and read again for changes, with one login", async () => {
  const cloud = await startCurrencyCloud();
  const expected = fill(cloud);
  cloud.mishaps.push("slow", "fails", "too many", "slow", "cut off", "HTML");
  const stage = await startStage("CURRENCY-CLOUD", variablesFor(cloud));
  expect(await stage.install(CONFIG)).toEqual({ status: 204, body: undefined });
  await eventually(async () => expect(await stage.payments()).toEqual(expected));
  await eventually(() => expect(stage.told()).toHaveLength(130));
  expect(cloud.mishaps).toEqual([]);
  expect(loginsAt(cloud)).toBe(1);

  cloud.expire();
  change(cloud);
  expected[3] = "c0003 PAYOUT SUCCEEDED 22 22 EUR/2 SUCCEEDED:22";
  expected[120] = "c0120 PAY-IN SUCCEEDED 841 841 JPY SUCCEEDED:841";
  expected.push(NEW);
  await eventually(async () => expect(await stage.payments()).toEqual(expected));
  await eventually(() => expect(stage.told()).toHaveLength(133));
  const polls = pollsOf(cloud);
  await expectSilence(stage.told, () => pollsOf(cloud) >= polls + 2);
  expect(loginsAt(cloud)).toBe(2);
  await eventually(async () => {
    for (const line of await stage.tasks()) expect(line).toMatch(/ (ACTIVE|TERMINATED)$/);
  });

  const { body } = await stage.call("GET", "/payments?sort=reference:asc&pageSize=4");
  expect(body.cursor.data[3]).toMatchObject({
    ...{ provider: "CURRENCY-CLOUD", scheme: "other", accountID: "", initialAmount: 22 },
    raw: { id: "c0003", amount: "0.22", action: "funding", status: "completed" },
    adjustments: [{ status: "SUCCEEDED", amount: 22, absolute: true }],
  });
  const tasks = (await stage.call("GET", "/connectors/CURRENCY-CLOUD/tasks")).body.cursor.data;
  expect(tasks.map(({ descriptor }: never) => JSON.stringify(descriptor)).sort()).toEqual([
    '{"name":"Fetch transactions from client","key":"fetch-transactions"}',
    '{"name":"Main task to periodically fetch users and transactions","key":"main"}',
  ]);
});

test("kill -9 in the middle of a page loses nothing and tells nothing twice", async () => {
  const cloud = await startCurrencyCloud();
  const expected = fill(cloud);
  const swallowed = cloud.swallow(({ query }) => query.get("page") === "3");
  const stage = await startKillableStage("CURRENCY-CLOUD", variablesFor(cloud));
  await stage.install(CONFIG);
  await swallowed;
  change(cloud);
  await stage.killAndRestart();
  expected[3] = "c0003 PAYOUT SUCCEEDED 22 22 EUR/2 SUCCEEDED:22";
  expected[120] = "c0120 PAY-IN SUCCEEDED 841 841 JPY";
  expected.push(NEW);
  await eventually(async () => expect(await stage.payments()).toEqual(expected));
  await eventually(() => expect(stage.told()).toHaveLength(132));
  expect(loginsAt(cloud)).toBe(2);
});

test("a login that is refused is not tried again with every period, but after a reset", async () => {
  const cloud = await startCurrencyCloud();
  cloud.apiKey = "another key";
  const stage = await startStage("CURRENCY-CLOUD", variablesFor(cloud));
  await stage.install(CONFIG);
  const error = "failed to initiate client: unexpected status code: 401";
  const refused = [`fetch-transactions FAILED ${error}`, "main ACTIVE"];
  await eventually(async () => expect(await stage.tasks()).toEqual(refused));
  await stage.polls(4);
  await eventually(async () => expect(await stage.tasks()).toEqual(refused));
  expect(cloud.seen).toHaveLength(1);
  await stage.reset();
  await eventually(async () => expect(await stage.tasks()).toEqual(refused));
  expect(cloud.seen.map(isLogin)).toEqual([true, true]);
});

test("what means nothing is named, and keeps no other from coming in", async () => {
  const cloud = await startCurrencyCloud();
  cloud.transactions.push(
    ...[credit("good"), credit("many", { amount: "many" }), credit("")],
    credit("other", { currency: "XXX" }),
  );
  const stage = await startStage("CURRENCY-CLOUD", variablesFor(cloud));
  await stage.install({ ...CONFIG, pollingPeriod: "1h" });
  await eventually(async () =>
    expect(await stage.tasks()).toEqual([
      'fetch-transactions FAILED payment "many": failed to parse amount: "many" is none of EUR/2; payment "other": unknown currency "XXX"; payment "": its reference cannot be stored',
      "main ACTIVE",
    ]),
  );
  expect(await stage.payments()).toEqual(["good PAY-IN SUCCEEDED 100 100 EUR/2"]);
});

test("refuses to be installed without what it needs, or for another host", async () => {
  await expectRefusals("CURRENCY-CLOUD", CONFIG, [
    ["missing apiKey from config", { apiKey: "", loginID: "" }],
    ["missing loginID from config", { loginID: "" }],
    ["pollingPeriod must be greater than 0", { pollingPeriod: "-1s" }],
    [
      "endpoint must be at https://devapi.currencycloud.com or https://api.currencycloud.com",
      { endpoint: "http://127.0.0.1:1" },
    ],
  ]);
});

test("it is configured and shown as documented, its key masked", async () => {
  const config = { loginID, apiKey: CONFIG.apiKey };
  const variables = { CURRENCY_CLOUD_API_URL: "http://127.0.0.1:9" };
  const { template, shown } = await installed("CURRENCY-CLOUD", config, variables);
  expect(template).toEqual({
    apiKey: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: false },
    loginID: { dataType: "string", required: true },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
  expect(shown).toEqual({
    ...{ provider: "Currencycloud", name: "CURRENCY-CLOUD", pollingPeriod: "2m0s" },
    ...{ loginID, apiKey: "***more", endpoint: "" },
  });
});
