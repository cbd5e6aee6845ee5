import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import type { StripeClient } from "./client.js";
import { follow, type Timeline } from "./timeline.js";

/** 2023-07-10T12:00:00Z. */
const NOW = 1_688_990_400_000_000n;
const T = 1_688_990_400;

/** Charges by their numbers, as an account has them, in pages of two; and the cursors that were asked for. */
function accountOf(...numbers: readonly number[]) {
  const asked: string[] = [];
  const all = [...numbers];
  const client: StripeClient = {
    async listTransactions(cursor) {
      const [[name, value] = ["", ""]] = Object.entries(cursor);
      asked.push(`${name}=${value}`);
      const newest = all.toReversed();
      const place = newest.findIndex((it) => `txn_${it}` === value);
      const rest =
        name === "ending_before"
          ? newest.slice(0, place)
          : newest.slice(name === "starting_after" ? place + 1 : 0);
      const items = name === "ending_before" ? rest.slice(-2) : rest.slice(0, 2);
      return { items: items.map(itemOf), hasMore: rest.length > 2 };
    },
    findTransaction: async () => null,
    findOrigin: async () => null,
  };
  return { client, asked, all };
}

const itemOf = (number: number) =>
  parseJson(
    `{"id":"txn_${number}","type":"charge","created":${T - 100 + number},"source":{"id":"ch_${number}","object":"charge","amount":1,"currency":"usd"}}`,
  );

/** Everything that `follow` brings: the references of each step, and where the last one has left off. */
async function all(client: StripeClient, known?: Timeline) {
  const pages: string[][] = [];
  let timeline = known;
  for await (const step of follow(client, known, NOW)) {
    pages.push(step.heard.payments.map(({ reference }) => reference));
    timeline = step.timeline;
  }
  return { pages, timeline };
}

const COMPLETE: Timeline = {
  ...{ oldestID: "txn_1", oldestDate: "2023-07-10T11:58:21Z" },
  ...{ moreRecentID: "txn_3", moreRecentDate: "2023-07-10T11:58:23Z" },
  noMoreHistory: true,
};

test("first the history, newest first; from then on only what is newer", async () => {
  const { client, asked } = accountOf(1, 2, 3);
  const { pages, timeline } = await all(client);
  expect(asked).toEqual([`created[lte]=${T}`, "starting_after=txn_2", "ending_before=txn_3"]);
  expect(pages).toEqual([["txn_3", "txn_2"], ["txn_1"]]);
  expect(timeline).toEqual(COMPLETE);
  asked.length = 0;
  expect((await all(client, timeline)).pages).toEqual([]);
  expect(asked).toEqual(["ending_before=txn_3"]);
});

test("what is newer comes oldest first, in as many pages as it takes, and history stays complete", async () => {
  const { client, asked } = accountOf(1, 2, 3, 4, 5, 6);
  const steps = [];
  for await (const { heard, timeline } of follow(client, COMPLETE, NOW))
    steps.push([heard.payments.map(({ reference }) => reference), timeline.moreRecentID]);
  expect(steps).toEqual([
    [["txn_4", "txn_5"], "txn_5"],
    [["txn_6"], "txn_6"],
  ]);
  expect(asked).toEqual(["ending_before=txn_3", "ending_before=txn_5"]);
});

test("after a crash in the history it goes on where it was", async () => {
  const { client, asked, all: numbers } = accountOf(1, 2, 3, 4, 5);
  const run = follow(client, undefined, NOW);
  const first = await run.next();
  numbers.push(6);
  asked.length = 0;
  const { pages, timeline } = await all(client, first.value?.timeline);
  expect(pages).toEqual([["txn_3", "txn_2"], ["txn_1"], ["txn_6"]]);
  expect(asked).toEqual([
    ...["starting_after=txn_4", "starting_after=txn_2", "ending_before=txn_5"],
  ]);
  expect(timeline).toMatchObject({ oldestID: "txn_1", moreRecentID: "txn_6" });
});

test("an account that is empty at first is asked again from the beginning", async () => {
  const { client, asked, all: numbers } = accountOf();
  expect(await all(client)).toEqual({ pages: [], timeline: undefined });
  numbers.push(1);
  expect((await all(client)).pages).toEqual([["txn_1"]]);
  expect(asked).toEqual([...Array(2).fill(`created[lte]=${T}`), "ending_before=txn_1"]);
});

test("payouts are asked for until their end is known; one that cannot be read stays, one that is gone does not", async () => {
  const { client } = accountOf(1, 2, 3);
  const payout = (id: string, status: string) =>
    parseJson(
      `{"id":"${id}","type":"payout","created":${T},"source":{"object":"payout","amount":1,"currency":"eur","status":"${status}"}}`,
    );
  const answers = new Map([
    ["paid", payout("paid", "paid")],
    ["open", payout("open", "in_transit")],
    ["bad", parseJson('{"id":"bad","type":"payout"}')],
  ]);
  const known = { ...COMPLETE, openPayouts: ["paid", "open", "bad", "gone"] };
  const steps = [];
  const asking = { ...client, findTransaction: async (id: string) => answers.get(id) ?? null };
  for await (const step of follow(asking, known, NOW)) steps.push(step);
  expect(steps).toMatchObject([
    {
      heard: {
        payments: [
          { reference: "paid", status: "SUCCEEDED" },
          { reference: "open", status: "PENDING" },
        ],
        problems: ["bad: its source is missing", "gone: it is gone"],
      },
      timeline: { openPayouts: ["open", "bad"] },
    },
  ]);
});

test("pages that do not go on are refused instead of asked for without end", async () => {
  const { client } = accountOf(1, 2, 3);
  const stuck: StripeClient = {
    ...client,
    listTransactions: async () => ({ items: [itemOf(3)], hasMore: true }),
  };
  await expect(all(stuck)).rejects.toThrow("its pages do not go on");
  await expect(all(stuck, COMPLETE)).rejects.toThrow("its pages do not go on");
  const nameless: StripeClient = {
    ...client,
    listTransactions: async () => ({ items: [parseJson("{}")], hasMore: true }),
  };
  await expect(all(nameless)).rejects.toThrow("its pages do not go on");
  const empty: StripeClient = {
    ...client,
    listTransactions: async () => ({ items: [], hasMore: true }),
  };
  expect((await all(empty, COMPLETE)).pages).toEqual([]);
});
