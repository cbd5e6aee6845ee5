import { expect, test, vi } from "vitest";
import type { Seen } from "./fakeProvider.js";
import { expectRefusals, installed } from "./installs.js";
import { apiKey, apiSecret, type Modulr, startModulr, type Transaction } from "./modulr.js";
import { eventually, expectSilence, numbered, startKillableStage, startStage } from "./stage.js";

vi.setConfig({ testTimeout: 180_000 });

const CONFIG = { apiKey, apiSecret, pollingPeriod: "300ms" };

const variablesFor = ({ url }: Modulr) => ({ MODULR_API_URL: `${url}/api-sandbox` });

const pollsOf = ({ seen }: Modulr): number =>
  seen.filter(({ path, query }) => path.endsWith("/accounts") && query.get("page") === "0").length;

const TYPES = [
  ["PI_FAST", "PAY-IN"],
  ["PO_FAST", "PAYOUT"],
  ["PO_REV", "OTHER"],
] as const;

/** Fills three accounts with 60 transactions each; answers what is to become of them. */
function fill({ accounts }: Modulr): string[] {
  const expected: string[] = [];
  for (const [account, currency] of ["GBP", "GBP", "JPY"].entries()) {
    const [id, asset] = [`A${account}`, currency === "JPY" ? "JPY" : "GBP/2"];
    const transactions: Transaction[] = [];
    for (const [index, reference] of numbered(60, `T${account}-`).entries()) {
      const units = 1000 * account + index;
      const amount = currency === "JPY" ? units : Number((units / 100).toFixed(2));
      const [type, meaning] = TYPES[index % 3] ?? TYPES[0];
      transactions.unshift({ id: reference, type, amount, account: { id, currency } });
      expected.push(`${reference} ${meaning} SUCCEEDED ${units} ${units} ${asset}`);
    }
    accounts.push({ id, currency, transactions });
  }
  return expected;
}

/** Changes the oldest transaction of the second account and adds a newest one. */
function change({ accounts }: Modulr): void {
  const list = accounts[1]?.transactions ?? [];
  list.push({ ...(list.pop() as Transaction), amount: "12.34" });
  const account = { id: "A1", currency: "GBP" };
  list.unshift({ id: "T1-new", type: "PI_BACS", amount: "0.29", account });
}

const NEW = "T1-new PAY-IN SUCCEEDED 29 29 GBP/2";

test("all accounts are read to their ends, whatever befalls, and read again for changes", async () => {
  const modulr = await startModulr();
  const expected = fill(modulr);
  modulr.mishaps.push("slow", "fails", "too many", "slow", "cut off", "HTML");
  const stage = await startStage("MODULR", variablesFor(modulr));
  expect(await stage.install(CONFIG)).toEqual({ status: 204, body: undefined });
  await eventually(async () => expect(await stage.payments()).toEqual(expected));
  await eventually(() => expect(stage.told()).toHaveLength(180));
  expect(modulr.mishaps).toEqual([]);
  const polls = pollsOf(modulr);
  await expectSilence(stage.told, () => pollsOf(modulr) >= polls + 2);

  change(modulr);
  expected.splice(60, 1, "T1-0000 PAY-IN SUCCEEDED 1000 1234 GBP/2 SUCCEEDED:1234");
  expected.splice(120, 0, NEW);
  await eventually(async () => expect(await stage.payments()).toEqual(expected));
  await eventually(() => expect(stage.told()).toHaveLength(182));
  expect(stage.told().slice(180).sort()).toEqual(["T1-0000 SUCCEEDED 1234", "T1-new SUCCEEDED 29"]);
  await eventually(async () => {
    for (const line of await stage.tasks()) expect(line).toMatch(/ (ACTIVE|PENDING|TERMINATED)$/);
  });

  const { body } = await stage.call("GET", "/payments?sort=reference:asc&pageSize=1");
  expect(body.cursor.data).toMatchObject([
    {
      ...{ reference: "T0-0000", provider: "MODULR", scheme: "other", accountID: "" },
      raw: { id: "T0-0000", type: "PI_FAST", amount: 0, account: { id: "A0", currency: "GBP" } },
    },
  ]);
  const tasks = (await stage.call("GET", "/connectors/MODULR/tasks?pageSize=100")).body.cursor.data;
  const descriptors = tasks.map(({ descriptor }: never) => JSON.stringify(descriptor)).sort();
  expect(descriptors).toEqual([
    ...["A0", "A1", "A2"].map(
      (id) =>
        `{"name":"Fetch transactions from client by account","key":"fetch-transactions","accountID":"${id}"}`,
    ),
    '{"name":"Fetch users from client","key":"fetch-accounts","accountID":""}',
    '{"name":"Main task to periodically fetch accounts and transactions","key":"main","accountID":""}',
  ]);
});

test("kill -9 in the middle of a page loses nothing and tells nothing twice", async () => {
  const modulr = await startModulr();
  const expected = fill(modulr);
  const isThirdPage = ({ path, query }: Seen) => path.includes("/A1/") && query.get("page") === "2";
  const swallowed = modulr.swallow(isThirdPage);
  const stage = await startKillableStage("MODULR", variablesFor(modulr));
  await stage.install(CONFIG);
  await swallowed;
  change(modulr);
  await stage.killAndRestart();
  expected.splice(60, 1, "T1-0000 PAY-IN SUCCEEDED 1234 1234 GBP/2");
  expected.splice(120, 0, NEW);
  await eventually(async () => expect(await stage.payments()).toEqual(expected));
  await eventually(() => expect(stage.told()).toHaveLength(181));
  const polls = pollsOf(modulr);
  await expectSilence(stage.told, () => pollsOf(modulr) >= polls + 2);
});

test("the sandbox that takes keys as they are is given the key", async () => {
  const modulr = await startModulr();
  const expected = fill(modulr);
  const stage = await startStage("MODULR", { MODULR_API_URL: modulr.url });
  const endpoint = `${modulr.url}/api-sandbox-token/`;
  expect((await stage.install({ ...CONFIG, endpoint })).status).toBe(204);
  await eventually(async () => expect(await stage.payments()).toEqual(expected));
  expect(modulr.seen.every(({ headers }) => headers["x-mod-nonce"] === undefined)).toBe(true);
});

test("who is refused is told so, and asks once in a period", async () => {
  const modulr = await startModulr();
  const stage = await startStage("MODULR", variablesFor(modulr));
  await stage.install({ ...CONFIG, apiSecret: "another secret", pollingPeriod: "1h" });
  await eventually(async () =>
    expect(await stage.tasks()).toEqual([
      "fetch-accounts FAILED GET /accounts: answered 401",
      "main ACTIVE",
    ]),
  );
  expect(modulr.seen).toHaveLength(1);
});

test("what means nothing, and an account that is not there, keep no other from coming in", async () => {
  const modulr = await startModulr();
  modulr.accounts.push(
    { id: "gone", currency: "USD", transactions: null },
    {
      ...{ id: "A/1", currency: "USD" },
      transactions: [
        { id: "good", type: "PI_FAST", amount: "1.15" },
        { id: "fine", type: "PI_FAST", amount: "1.005" },
        { id: "", type: "PI_FAST", amount: 1 },
        { id: "negative", type: "PI_FAST", amount: -1 },
      ],
    },
    { id: "", currency: "USD", transactions: [] },
  );
  const stage = await startStage("MODULR", variablesFor(modulr));
  await stage.install({ ...CONFIG, pollingPeriod: "1h" });
  await eventually(async () =>
    expect(await stage.tasks()).toEqual([
      "fetch-accounts FAILED an account has no id",
      "fetch-transactions FAILED GET /accounts/gone/transactions: answered 404",
      'fetch-transactions FAILED payment "fine": failed to parse amount: "1.005" is none of USD/2; payment "": its reference cannot be stored; payment "negative": its amount is negative: -100',
      "main ACTIVE",
    ]),
  );
  expect(await stage.payments()).toEqual(["good PAY-IN SUCCEEDED 115 115 USD/2"]);
});

test("refuses to be installed without what it needs, or for another host", async () => {
  await expectRefusals("MODULR", CONFIG, [
    ["missing apiKey from config", { apiKey: "", apiSecret: "" }],
    ["missing apiSecret from config", { apiSecret: "" }],
    ["pollingPeriod must be greater than 0", { pollingPeriod: "-1s" }],
    [
      "endpoint must be at https://api-sandbox.modulrfinance.com or https://api.modulrfinance.com",
      { endpoint: "http://127.0.0.1:1" },
    ],
  ]);
});

test("it is configured and shown as documented, its secrets masked", async () => {
  const { template, shown } = await installed("MODULR", { apiKey, apiSecret }, HERE);
  expect(template).toEqual({
    apiKey: { dataType: "string", required: true },
    apiSecret: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: false },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
  expect(shown).toEqual({
    ...{ provider: "Modulr", name: "MODULR", pollingPeriod: "2m0s", endpoint: "" },
    ...{ apiKey: "***ests", apiSecret: "***ests" },
  });
});

const HERE = { MODULR_API_URL: "http://127.0.0.1:9" };
