import { expect, test, vi } from "vitest";
import type { Seen } from "./fakeProvider.js";
import { expectRefusals, installed } from "./installs.js";
import { eventually, expectSilence, startKillableStage, startStage } from "./stage.js";
import { startWise, type Wise, type WiseTransfer } from "./wise.js";

vi.setConfig({ testTimeout: 180_000 });

const CONFIG = { apiKey: "token-of-the-owner", pollingPeriod: "300ms" };

const [PERSONAL, BUSINESS] = [
  { id: 101, type: "personal" },
  { id: 202, type: "business" },
] as const;

const transfer = (id: number, changes: Partial<WiseTransfer> = {}): WiseTransfer => ({
  ...{ id, profile: PERSONAL.id, status: "processing", created: "2023-07-10 12:00:00" },
  ...{ sourceAccount: null, targetAccount: 2002, targetCurrency: "GBP", targetValue: 87.25 },
  ...changes,
});

/** `count` of them from number `from` on, newest first. */
const several = (count: number, from: number, changes: Partial<WiseTransfer> = {}) =>
  Array.from({ length: count }, (_, index) => transfer(from + count - 1 - index, changes));

const lineOf = ({ id }: WiseTransfer): string => `${id} TRANSFER PENDING 8725 8725 GBP/2`;
/** Accounts are told of, too. */
const isPayment = (told: string): boolean => !told.startsWith("undefined");
const inOrder = (lines: readonly string[]): string[] => lines.toSorted();
const pollsOf = ({ seen }: Wise): number =>
  seen.filter(({ path }) => path === "/v1/profiles").length;

test("all transfers of all profiles come in, whatever befalls, and their changes follow", async () => {
  const wise = await startWise();
  wise.profiles.push(PERSONAL, BUSINESS);
  wise.transfers.push(
    ...several(230, 6_000_000),
    ...several(30, 7_000_000, { profile: BUSINESS.id, sourceAccount: 1001 }),
    transfer(5_000_000, { profile: BUSINESS.id, targetAccount: 1001 }),
    transfer(8_000_000, { targetCurrency: "JPY", targetValue: 500, status: "cancelled" }),
  );
  wise.arriving.push(...several(5, 9_000_000).reverse());
  const all = [...wise.transfers, ...wise.arriving].filter(({ id }) => id !== 8_000_000);
  wise.mishaps.push("slow", "fails", "too many", "slow", "cut off", "HTML");
  const stage = await startStage("WISE", { WISE_API_URL: wise.url });
  expect(await stage.install(CONFIG)).toEqual({ status: 204, body: undefined });

  const before = inOrder([...all.map(lineOf), "8000000 TRANSFER CANCELLED 500 500 JPY"]);
  await eventually(async () => expect(await stage.payments()).toEqual(before));
  await eventually(() => expect(stage.told().filter(isPayment)).toHaveLength(267));
  expect(wise.mishaps).toEqual([]);
  const polls = pollsOf(wise);
  await expectSilence(stage.told, () => pollsOf(wise) >= polls + 2);
  const { body } = await stage.call("GET", "/accounts");
  expect(
    body.cursor.data
      .map((it: Record<string, string>) => [it["reference"], it["type"], it["provider"]])
      .sort(),
  ).toEqual([
    ["1001", "SOURCE", "WISE"],
    ["2002", "TARGET", "WISE"],
  ]);

  const told = stage.told().length;
  const [one, other] = [6_000_000, 6_000_001].map((id) =>
    wise.transfers.find((it) => it.id === id),
  );
  if (one) one.status = "outgoing_payment_sent";
  if (other) other.targetValue = 90;
  await eventually(async () =>
    expect((await stage.payments()).slice(1, 3)).toEqual([
      "6000000 TRANSFER SUCCEEDED 8725 8725 GBP/2 SUCCEEDED:8725",
      "6000001 TRANSFER PENDING 8725 9000 GBP/2 PENDING:9000",
    ]),
  );
  await eventually(() =>
    expect(stage.told().slice(told).sort()).toEqual([
      "6000000 SUCCEEDED 8725",
      "6000001 PENDING 9000",
    ]),
  );
});

test("what Wise says of one profile or transfer keeps no other from coming in", async () => {
  const wise = await startWise();
  wise.profiles.push(PERSONAL, BUSINESS);
  wise.broken.add(PERSONAL.id);
  wise.transfers.push(
    transfer(1, { profile: BUSINESS.id, targetCurrency: "XXX" }),
    transfer(2, { profile: BUSINESS.id, created: "yesterday" }),
    transfer(3, { profile: BUSINESS.id }),
  );
  const stage = await startStage("WISE", { WISE_API_URL: wise.url });
  await stage.install(CONFIG);
  await eventually(async () =>
    expect(await stage.tasks()).toEqual([
      "fetch-profiles ACTIVE",
      "fetch-transfers FAILED GET /v1/transfers: answered 403: not yours",
      'fetch-transfers FAILED payment "1": unknown currency "XXX"; payment "2": its created "yesterday" is no time',
    ]),
  );
  expect(await stage.payments()).toEqual(["3 TRANSFER PENDING 8725 8725 GBP/2"]);
  wise.broken.clear();
  wise.transfers.push(transfer(4));
  await eventually(async () => expect(await stage.payments()).toHaveLength(2));
});

test("kill -9 in the middle of a page loses nothing and tells nothing twice", async () => {
  const wise = await startWise();
  wise.profiles.push(BUSINESS);
  wise.transfers.push(...several(230, 6_000_000, { profile: BUSINESS.id }));
  const isTwelfthPage = ({ query }: Seen) => query.get("offset") === "110";
  const swallowed = wise.swallow(isTwelfthPage);
  const stage = await startKillableStage("WISE", { WISE_API_URL: wise.url });
  await stage.install(CONFIG);
  await swallowed;
  await stage.killAndRestart();
  const all = inOrder(wise.transfers.map(lineOf));
  await eventually(async () => expect(await stage.payments()).toEqual(all));
  await eventually(() => expect(stage.told().filter(isPayment)).toHaveLength(230));
  const polls = pollsOf(wise);
  await expectSilence(stage.told, () => pollsOf(wise) >= polls + 2);
  expect(new Set(stage.told()).size).toBe(230 + 1);
});

test("a token that is refused is a clear error, and not shown to anybody", async () => {
  const wise = await startWise();
  wise.apiKey = "another token";
  const stage = await startStage("WISE", { WISE_API_URL: wise.url });
  await stage.install(CONFIG);
  await eventually(async () =>
    expect(await stage.tasks()).toEqual([
      "fetch-profiles ACTIVE GET /v1/profiles: answered 401: no such token",
    ]),
  );
  wise.apiKey = CONFIG.apiKey;
  await eventually(async () => expect(await stage.tasks()).toEqual(["fetch-profiles ACTIVE"]));
});

test("refuses to install what cannot work", () =>
  expectRefusals("WISE", CONFIG, [
    ["missing apiKey from config", { apiKey: "" }],
    ["pollingPeriod must be greater than 0", { pollingPeriod: "-1s" }],
  ]));

test("the template, the configuration and the tasks are as clients know them", async () => {
  const variables = { WISE_API_URL: "http://127.0.0.1:9" };
  expect(await installed("WISE", { apiKey: "0123456789abcdef" }, variables)).toEqual({
    template: {
      apiKey: { dataType: "string", required: true },
      pollingPeriod: { dataType: "duration ns", required: false },
    },
    shown: { provider: "Wise", name: "WISE", apiKey: "***cdef", pollingPeriod: "2m0s" },
    tasks: [
      '{"name":"Fetch profiles from client","key":"fetch-profiles","profileID":0,"transfer":{"id":"00000000-0000-0000-0000-000000000000","source":"","destination":"","amount":0,"currency":""}}',
    ],
  });
});
