import { expect, test, vi } from "vitest";
import type { Seen } from "./fakeProvider.js";
import { expectRefusals, installed } from "./installs.js";
import { type Mangopay, startMangopay, type Transaction } from "./mangopay.js";
import { eventually, expectSilence, numbered, startKillableStage, startStage } from "./stage.js";

vi.setConfig({ testTimeout: 180_000 });

const LOGIN = "/v2.01/oauth/token";
const USERS = "/v2.01/client-1/users";

const configOf = ({ url }: Mangopay, changes: object = {}) => ({
  ...{ clientID: "client-1", apiKey: "key-of-client-1", endpoint: `${url}/` },
  pollingPeriod: "300ms",
  ...changes,
});

const payIn = (Id: string, user: string, changes: Partial<Transaction> = {}): Transaction => ({
  ...{ Id, AuthorId: user, CreditedUserId: user, Type: "PAYIN", Status: "CREATED" },
  ...{ DebitedFunds: { Currency: "EUR", Amount: 8725 }, CreationDate: 1_688_990_400 },
  ...changes,
});

const loginsAt = ({ seen }: Mangopay): number => seen.filter(({ path }) => path === LOGIN).length;
const pollsOf = ({ seen }: Mangopay): number =>
  seen.filter(({ path, query }) => path === USERS && query.get("page") === "1").length;

test("all payments of all users come in, whatever befalls, and their changes follow", async () => {
  const mangopay = await startMangopay();
  mangopay.users.push("u0000", "u0001", "u0100");
  const transactions = [
    ...numbered(230, "a").map((id) => payIn(id, "u0000")),
    ...numbered(100, "b").map((id) => payIn(id, "u0001", { Type: "PAYOUT" })),
    payIn("c", "u0000", { CreditedUserId: "u0001", Type: "TRANSFER", Status: "SUCCEEDED" }),
    payIn("d", "u0100", { Type: "CONVERSION", DebitedFunds: { Currency: "JPY", Amount: 500 } }),
  ];
  mangopay.transactions.push(...transactions);
  mangopay.mishaps.push("slow", "fails", "too many", "slow", "cut off", "session over", "HTML");
  const stage = await startStage("MANGOPAY", { MANGOPAY_API_URL: mangopay.url });
  expect(await stage.install(configOf(mangopay))).toEqual({ status: 204, body: undefined });

  const before = [
    ...numbered(230, "a").map((id) => `${id} PAY-IN PENDING 8725 8725 EUR/2`),
    ...numbered(100, "b").map((id) => `${id} PAYOUT PENDING 8725 8725 EUR/2`),
    "c TRANSFER SUCCEEDED 8725 8725 EUR/2",
    "d OTHER PENDING 500 500 JPY",
  ];
  await eventually(async () => expect(await stage.payments()).toEqual(before));
  await eventually(() => expect(stage.told()).toHaveLength(332));
  expect(mangopay.mishaps).toEqual([]);
  const polls = pollsOf(mangopay);
  await expectSilence(stage.told, () => pollsOf(mangopay) >= polls + 2);
  expect(loginsAt(mangopay)).toBe(2);
  await eventually(async () => expect(await stage.tasks()).toContain("main ACTIVE"));

  const [first, second] = transactions;
  if (first) first.Status = "SUCCEEDED";
  if (second) second.DebitedFunds = { Currency: "EUR", Amount: 9000 };
  await eventually(async () =>
    expect(await stage.payments()).toEqual([
      "a0000 PAY-IN SUCCEEDED 8725 8725 EUR/2 SUCCEEDED:8725",
      "a0001 PAY-IN PENDING 8725 9000 EUR/2 PENDING:9000",
      ...before.slice(2),
    ]),
  );
  await eventually(() => expect(stage.told()).toHaveLength(334));
  expect(stage.told().slice(332).sort()).toEqual(["a0000 SUCCEEDED 8725", "a0001 PENDING 9000"]);
});

test("users beyond a page, and beyond what may run at a time, come in too", async () => {
  const mangopay = await startMangopay();
  mangopay.users.push(...numbered(101, "u"));
  mangopay.transactions.push(payIn("last", "u0100"));
  const stage = await startStage("MANGOPAY", { MANGOPAY_API_URL: mangopay.url });
  await stage.install(configOf(mangopay));
  await eventually(async () =>
    expect(await stage.payments()).toEqual(["last PAY-IN PENDING 8725 8725 EUR/2"]),
  );
  // While more of its tasks wait than it may run, it waits too.
  await eventually(async () => expect(await stage.tasks()).toContain("main ACTIVE"));
});

test("a transaction that means nothing is named, and keeps no other from coming in", async () => {
  const mangopay = await startMangopay();
  mangopay.users.push("u1");
  mangopay.transactions.push(
    payIn("bad", "u1", { DebitedFunds: { Currency: "XXX", Amount: 1 } }),
    payIn("odd", "u1", { DebitedFunds: { Currency: "EUR", Amount: 0.5 } }),
    payIn("good", "u1"),
  );
  const stage = await startStage("MANGOPAY", { MANGOPAY_API_URL: mangopay.url });
  await stage.install(configOf(mangopay));
  await eventually(async () =>
    expect(await stage.tasks()).toContain(
      'fetch-transactions FAILED payment "bad": unknown currency "XXX"; payment "odd": failed to parse amount: "0.5" is none of EUR/2',
    ),
  );
  expect(await stage.payments()).toEqual(["good PAY-IN PENDING 8725 8725 EUR/2"]);
});

test("kill -9 in the middle of a page loses nothing and tells nothing twice", async () => {
  const mangopay = await startMangopay();
  mangopay.users.push("u1");
  mangopay.transactions.push(...numbered(250).map((id) => payIn(id, "u1")));
  const isThirdPage = ({ path, query }: Seen) => path !== USERS && query.get("page") === "3";
  const swallowed = mangopay.swallow(isThirdPage);
  const stage = await startKillableStage("MANGOPAY", { MANGOPAY_API_URL: mangopay.url });
  await stage.install(configOf(mangopay));
  await swallowed;
  await stage.killAndRestart();
  await eventually(async () =>
    expect(await stage.payments()).toEqual(
      numbered(250).map((id) => `${id} PAY-IN PENDING 8725 8725 EUR/2`),
    ),
  );
  await eventually(() => expect(stage.told()).toHaveLength(250));
  const polls = pollsOf(mangopay);
  await expectSilence(stage.told, () => pollsOf(mangopay) >= polls + 2);
  expect(stage.told().sort()).toEqual(numbered(250).map((id) => `${id} PENDING 8725`));
});

test("credentials that are refused are a clear error, and not sent again and again", async () => {
  const mangopay = await startMangopay();
  mangopay.apiKey = "another key";
  const stage = await startStage("MANGOPAY", { MANGOPAY_API_URL: mangopay.url });
  await stage.install(configOf(mangopay));
  const error = "fetch-users FAILED POST /v2.01/oauth/token: answered 401";
  await eventually(async () => expect(await stage.tasks()).toEqual([error, "main ACTIVE"]));
  // Polls go on, but nobody is asked: what was refused is not asked for again so soon.
  const polls = await stage.polls(4);
  expect(loginsAt(mangopay)).toBeLessThan(polls);
  mangopay.apiKey = "key-of-client-1";
  await stage.reset();
  await eventually(async () =>
    expect(await stage.tasks()).toEqual(["fetch-users TERMINATED", "main ACTIVE"]),
  );
});

test("refuses to be installed without what it needs, or for another host", async () => {
  const good = { clientID: "c", apiKey: "k", endpoint: "https://api.mangopay.com" };
  const elsewhere =
    "endpoint must be at https://api.mangopay.com or https://api.sandbox.mangopay.com";
  await expectRefusals("MANGOPAY", good, [
    ["missing clientID from config", { clientID: "" }],
    ["missing apiKey from config", { apiKey: "" }],
    ["missing clientID from config", { clientID: "", apiKey: "", endpoint: "" }],
    ["missing endpoint from config", { endpoint: "" }],
    [elsewhere, { endpoint: "http://127.0.0.1:5432" }],
    [elsewhere, { endpoint: "https://api.mangopay.com.example" }],
    [
      "endpoint must be a URL, without a query or credentials",
      { endpoint: "https://api.mangopay.com@example.com" },
    ],
    ["pollingPeriod must be greater than 0", { pollingPeriod: "-1s" }],
  ]);
});

test("it is configured and shown as documented, its key masked, and begins with its main task", async () => {
  const config = { clientID: "c", apiKey: "0123456789abcdef", endpoint: "http://127.0.0.1:9/" };
  const variables = { MANGOPAY_API_URL: "http://127.0.0.1:9" };
  const { template, shown, tasks } = await installed("MANGOPAY", config, variables);
  expect(template).toEqual({
    apiKey: { dataType: "string", required: true },
    clientID: { dataType: "string", required: true },
    endpoint: { dataType: "string", required: true },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
  expect(shown).toEqual({
    ...{ provider: "Mangopay", name: "MANGOPAY", pollingPeriod: "2m0s" },
    ...{ ...config, apiKey: "***cdef" },
  });
  expect(tasks).toContain(
    '{"name":"Main task to periodically fetch users and transactions","key":"main","userID":"","pollingPeriod":{"duration":0}}',
  );
});
