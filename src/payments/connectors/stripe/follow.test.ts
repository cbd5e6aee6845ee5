import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import type { StripeClient } from "./client.js";
import { follow } from "./follow.js";
import type { Timeline } from "./timeline.js";

/** 2023-07-10T12:00:00Z. */
const T = 1_688_990_400;
const NOW = BigInt(T) * 1_000_000n;
/** Long ago enough. */
const OLD = T - 1000;

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
      if (name !== "created[lte]" && place < 0) return null;
      const rest =
        name === "ending_before"
          ? newest.slice(0, place)
          : newest.slice(name === "starting_after" ? place + 1 : 0);
      const items = name === "ending_before" ? rest.slice(-2) : rest.slice(0, 2);
      return { items: items.map((it) => itemOf(it)), hasMore: rest.length > 2 };
    },
    findTransaction: async () => null,
    findOrigin: async () => null,
  };
  return { client, asked, all };
}

const itemOf = (number: number, created = OLD + number) =>
  parseJson(
    `{"id":"txn_${number}","type":"charge","created":${created},"source":{"id":"ch_${number}","object":"charge","amount":1,"currency":"usd"}}`,
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
  ...{ oldestID: "txn_1", oldestDate: "2023-07-10T11:43:21Z" },
  ...{ moreRecentID: "txn_3", moreRecentDate: "2023-07-10T11:43:23Z" },
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
});

test("a history that is said to go on, but does not, is asked for again, and keeps nothing new from coming", async () => {
  const { client, asked } = accountOf(1, 2, 3, 4);
  const torn: StripeClient = {
    ...client,
    listTransactions: async (cursor) =>
      "starting_after" in cursor ? { items: [], hasMore: true } : client.listTransactions(cursor),
  };
  const known = { ...COMPLETE, oldestID: "txn_2", noMoreHistory: false };
  const steps = [];
  for await (const step of follow(torn, known, NOW)) steps.push(step);
  expect(steps).toMatchObject([
    { heard: { problems: ["there is more before txn_2, but not what"] }, timeline: known },
    { heard: { payments: [{ reference: "txn_4" }] }, timeline: { noMoreHistory: false } },
  ]);
  expect(asked).toEqual(["ending_before=txn_3"]);
  const empty: StripeClient = {
    ...client,
    listTransactions: async () => ({ items: [], hasMore: true }),
  };
  expect((await all(empty, COMPLETE)).pages).toEqual([]);
});

test("where what we know is gone, it begins anew, and still asks for payouts that were open", async () => {
  const { client, asked } = accountOf(7, 8);
  const { pages, timeline } = await all(client, { ...COMPLETE, openPayouts: ["po"] });
  expect(pages).toEqual([["txn_8", "txn_7"], []]);
  expect(asked).toEqual(["ending_before=txn_3", `created[lte]=${T}`, "ending_before=txn_8"]);
  expect(timeline).toEqual({
    ...{ oldestID: "txn_7", oldestDate: "2023-07-10T11:43:27Z" },
    ...{ moreRecentID: "txn_8", moreRecentDate: "2023-07-10T11:43:28Z" },
    noMoreHistory: true,
  });
  const incomplete = { ...COMPLETE, noMoreHistory: false };
  expect((await all(accountOf(7).client, incomplete)).pages).toEqual([["txn_7"]]);
  expect((await all(accountOf().client, incomplete)).pages).toEqual([]);
  const forgetful: StripeClient = { ...client, listTransactions: async () => null };
  await expect(all(forgetful, COMPLETE)).rejects.toThrow("its pages do not go on");
});

test("what is young is read again until nothing can turn up behind it", async () => {
  const [old, young] = [itemOf(1), itemOf(2, T - 10)];
  const late = itemOf(3, T - 20);
  let listed = [young, old];
  const asked: string[] = [];
  const client: StripeClient = {
    ...accountOf().client,
    async listTransactions(cursor) {
      const [[name, value] = ["", ""]] = Object.entries(cursor);
      asked.push(`${name}=${value}`);
      const place = listed.indexOf(value === "txn_1" ? old : young);
      const items = name === "ending_before" ? listed.slice(0, place) : listed;
      return { items, hasMore: false };
    },
  };
  const first = await all(client);
  expect(first.timeline).toMatchObject({ moreRecentID: "txn_2", settledID: "txn_1" });
  listed = [young, late, old];
  expect(await all(client, first.timeline)).toMatchObject({ pages: [["txn_3", "txn_2"]] });
  const settled = { ...first.timeline, moreRecentDate: "2023-07-10T11:59:50Z" } as Timeline;
  const later = [];
  for await (const step of follow(client, settled, NOW + 300_000_000n)) later.push(step);
  expect(later.at(-1)?.timeline).toEqual({
    ...{ oldestID: "txn_1", oldestDate: "2023-07-10T11:43:21Z" },
    ...{ moreRecentID: "txn_2", moreRecentDate: "2023-07-10T11:59:50Z" },
    noMoreHistory: true,
  });
});

/** A transaction: seconds since the one before it, and after how many more it is listed. */
const happening = fc.record({ gap: fc.nat(100), lag: fc.nat(299) });
/** A poll: seconds since the one before, between its requests, and after how many pages it crashes. */
const poll = fc.record({
  ...{ gap: fc.nat(200), pause: fc.nat(60), pages: fc.nat(4) },
  isLastCommitted: fc.boolean(),
});

test("whatever is listed late and wherever it crashes, everything is heard of", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 5 }),
      fc.array(poll),
      async (happenings, polls) => {
        let [clock, created] = [T, T - 500];
        const transactions = happenings.map(({ gap, lag }, index) => {
          created += gap;
          return { index, created, listedAt: created + lag };
        });
        let pauseNow = 0;
        const client: StripeClient = {
          ...accountOf().client,
          async listTransactions(cursor) {
            clock += pauseNow;
            const listed = transactions.filter(({ listedAt }) => listedAt <= clock).toReversed();
            const [[name, value] = ["", ""]] = Object.entries(cursor);
            const place = listed.findIndex(({ index }) => `txn_${index}` === value);
            const rest =
              name === "created[lte]"
                ? listed.filter((it) => it.created <= Number(value))
                : name === "starting_after"
                  ? listed.slice(place + 1)
                  : listed.slice(0, place);
            const page = name === "ending_before" ? rest.slice(-2) : rest.slice(0, 2);
            const items = page.map((it) => itemOf(it.index, it.created));
            return { items, hasMore: rest.length > 2 };
          },
        };
        const heard = new Set<string>();
        let timeline: Timeline | undefined;
        async function run(pages: number, isLastCommitted: boolean): Promise<void> {
          for await (const step of follow(client, timeline, BigInt(clock) * 1_000_000n)) {
            if (pages-- === 0 && !isLastCommitted) return;
            timeline = step.timeline;
            for (const { reference } of step.heard.payments) heard.add(reference);
            if (pages < 0) return;
          }
        }
        for (const { gap, pause, pages, isLastCommitted } of polls) {
          [clock, pauseNow] = [clock + gap, pause];
          await run(pages, isLastCommitted);
        }
        [clock, pauseNow] = [Math.max(clock, created) + 1000, 0];
        await run(Infinity, true);
        expect(heard.size).toBe(transactions.length);
      },
    ),
    { numRuns: 300 },
  );
});
