import { expect, test, vi } from "vitest";
import type { Seen } from "./fakeProvider.js";
import { expectRefusals, installed } from "./installs.js";
import { type Moneycorp, startMoneycorp, type Transaction } from "./moneycorp.js";
import { eventually, expectSilence, numbered, startKillableStage, startStage } from "./stage.js";

vi.setConfig({ testTimeout: 180_000 });

const configOf = ({ url }: Moneycorp) => ({
  ...{ clientID: "client-1", apiKey: "key-of-client-1", endpoint: `${url}/` },
  pollingPeriod: "300ms",
});

const paidOut = (
  id: string,
  accountId: string,
  changes: Partial<Transaction["attributes"]> = {},
): Transaction => ({
  ...{ id, type: "transactions" },
  attributes: {
    ...{ accountId, createdAt: "2023-07-10T12:00:00.5", transactionCurrency: "EUR" },
    ...{ transactionAmount: 19.99, transactionDirection: "Debit", transactionType: "Payment" },
    ...changes,
  },
});

const loginsAt = ({ seen }: Moneycorp): number =>
  seen.filter(({ path }) => path === "/login").length;
const pollsOf = ({ seen }: Moneycorp): number =>
  seen.filter(({ path, query }) => path === "/accounts" && query.get("page[number]") === "0")
    .length;

test("all payments of all accounts come in, whatever befalls, and their changes follow", async () => {
  const moneycorp = await startMoneycorp();
  moneycorp.accounts.push("10000", "10001", "10100");
  const credit = { transactionDirection: "Credit", transactionAmount: 0.29 };
  const transactions = [
    ...numbered(230, "a").map((id) => paidOut(id, "10000")),
    ...numbered(100, "b").map((id) => paidOut(id, "10001", credit)),
    paidOut("c", "10001", { transactionType: "Transfer", transactionAmount: -4.35 }),
    paidOut("d", "10100", { transactionCurrency: "JPY", transactionAmount: 500 }),
    paidOut("skipped", "10100", { transactionType: "Interest" }),
  ];
  moneycorp.transactions.push(...transactions);
  moneycorp.mishaps.push("slow", "fails", "too many", "slow", "cut off", "session over", "HTML");
  const stage = await startStage("MONEYCORP", { MONEYCORP_API_URL: moneycorp.url });
  expect(await stage.install(configOf(moneycorp))).toEqual({ status: 204, body: undefined });

  const before = [
    ...numbered(230, "a").map((id) => `${id} PAYOUT SUCCEEDED 1999 1999 EUR/2`),
    ...numbered(100, "b").map((id) => `${id} PAY-IN SUCCEEDED 29 29 EUR/2`),
    "c TRANSFER SUCCEEDED 435 435 EUR/2",
    "d PAYOUT SUCCEEDED 500 500 JPY",
  ];
  await eventually(async () => expect(await stage.payments()).toEqual(before));
  await eventually(() => expect(stage.told()).toHaveLength(332));
  expect(moneycorp.mishaps).toEqual([]);
  const polls = pollsOf(moneycorp);
  await expectSilence(stage.told, () => pollsOf(moneycorp) >= polls + 2);
  expect(loginsAt(moneycorp)).toBe(2);
  await eventually(async () => expect(await stage.tasks()).toContain("main ACTIVE"));

  const [first] = transactions;
  if (first) first.attributes = { ...first.attributes, transactionAmount: 20.01 };
  await eventually(async () =>
    expect(await stage.payments()).toEqual([
      "a0000 PAYOUT SUCCEEDED 1999 2001 EUR/2 SUCCEEDED:2001",
      ...before.slice(1),
    ]),
  );
  await eventually(() => expect(stage.told().slice(332)).toEqual(["a0000 SUCCEEDED 2001"]));
});

test("accounts beyond a page, and beyond what may run at a time, come in too", async () => {
  const moneycorp = await startMoneycorp();
  moneycorp.accounts.push(...numbered(101, "1"));
  moneycorp.transactions.push(paidOut("last", "10100"));
  const stage = await startStage("MONEYCORP", { MONEYCORP_API_URL: moneycorp.url });
  await stage.install(configOf(moneycorp));
  await eventually(async () =>
    expect(await stage.payments()).toEqual(["last PAYOUT SUCCEEDED 1999 1999 EUR/2"]),
  );
  // While more of its tasks wait than it may run, it waits too.
  await eventually(async () => expect(await stage.tasks()).toContain("main ACTIVE"));
});

test("a transaction that means nothing is named, and keeps no other from coming in", async () => {
  const moneycorp = await startMoneycorp();
  moneycorp.accounts.push("1000");
  moneycorp.transactions.push(
    paidOut("bad", "1000", { transactionAmount: 1.005 }),
    paidOut("late", "1000", { createdAt: "soon" }),
    paidOut("good", "1000"),
  );
  const stage = await startStage("MONEYCORP", { MONEYCORP_API_URL: moneycorp.url });
  await stage.install(configOf(moneycorp));
  await eventually(async () =>
    expect(await stage.tasks()).toContain(
      'fetch-transactions FAILED payment "bad": failed to parse amount: "1.005" is none of EUR/2; payment "late": its createdAt "soon" is no time',
    ),
  );
  expect(await stage.payments()).toEqual(["good PAYOUT SUCCEEDED 1999 1999 EUR/2"]);
  const { body } = await stage.call("GET", "/payments");
  expect(body.cursor.data[0]).toMatchObject({
    createdAt: "2023-07-10T12:00:00.5Z",
    raw: moneycorp.transactions[2],
  });
});

test("kill -9 in the middle of a page loses nothing and tells nothing twice", async () => {
  const moneycorp = await startMoneycorp();
  moneycorp.accounts.push("1000");
  moneycorp.transactions.push(...numbered(250).map((id) => paidOut(id, "1000")));
  const isThirdPage = ({ query }: Seen) => query.get("page[number]") === "2";
  const swallowed = moneycorp.swallow(isThirdPage);
  const stage = await startKillableStage("MONEYCORP", { MONEYCORP_API_URL: moneycorp.url });
  await stage.install(configOf(moneycorp));
  await swallowed;
  await stage.killAndRestart();
  await eventually(async () =>
    expect(await stage.payments()).toEqual(
      numbered(250).map((id) => `${id} PAYOUT SUCCEEDED 1999 1999 EUR/2`),
    ),
  );
  await eventually(() => expect(stage.told()).toHaveLength(250));
  const polls = pollsOf(moneycorp);
  await expectSilence(stage.told, () => pollsOf(moneycorp) >= polls + 2);
  expect(stage.told().sort()).toEqual(numbered(250).map((id) => `${id} SUCCEEDED 1999`));
});

test("credentials that are refused are a clear error, and not sent again and again", async () => {
  const moneycorp = await startMoneycorp();
  moneycorp.apiKey = "another key";
  const stage = await startStage("MONEYCORP", { MONEYCORP_API_URL: moneycorp.url });
  await stage.install(configOf(moneycorp));
  const error = "fetch-accounts FAILED POST /login: answered 401";
  await eventually(async () => expect(await stage.tasks()).toEqual([error, "main ACTIVE"]));
  const polls = await stage.polls(4);
  expect(loginsAt(moneycorp)).toBeLessThan(polls);
  expect(moneycorp.seen).toHaveLength(loginsAt(moneycorp));
});

test("refuses to be installed without what it needs, or for another host", async () => {
  const good = { clientID: "c", apiKey: "k", endpoint: "https://corpapi.moneycorp.com" };
  await expectRefusals("MONEYCORP", good, [
    ["missing clientID from config", { clientID: "", apiKey: "", endpoint: "" }],
    ["missing apiKey from config", { apiKey: "", endpoint: "" }],
    ["missing endpoint from config", { endpoint: "" }],
    [
      "endpoint must be at https://corpapi.moneycorp.com or https://sandbox-corpapi.moneycorp.com",
      { endpoint: "http://127.0.0.1:5432" },
    ],
  ]);
});

test("it is configured and shown as documented, its key masked, and begins with its main task", async () => {
  const config = { clientID: "c", apiKey: "0123456789abcdef", endpoint: "http://127.0.0.1:9" };
  const variables = { MONEYCORP_API_URL: "http://127.0.0.1:9" };
  const { template, shown, tasks } = await installed("MONEYCORP", config, variables);
  expect(template).toEqual({
    apiKey: { dataType: "string", required: true },
    clientID: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: true },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
  expect(shown).toEqual({
    ...{ provider: "Moneycorp", name: "MONEYCORP", pollingPeriod: "2m0s" },
    ...{ ...config, apiKey: "***cdef" },
  });
  expect(tasks).toContain(
    '{"name":"Main task to periodically fetch accounts and transactions","key":"main","accountID":""}',
  );
});
