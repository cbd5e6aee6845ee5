import { expect, test } from "vitest";
import type { Page } from "../connector.js";
import type { WisePayer } from "./payer.js";
import { type Steps, sendMoney } from "./sendMoney.js";

const ORDER = { id: "o1", source: "101", destination: "2002", amount: 1999n, currency: "USD" };
const NOON = 1_688_990_400_000_000n;
const MINUTE = 60_000_000n;

/** One run at `now`; answers the pages, and what Wise was asked to do. */
async function run(steps: Steps, now = NOON, changes: Partial<WisePayer> = {}) {
  const asked: string[] = [];
  let status = "incoming_payment_waiting";
  const wise: WisePayer = {
    hasProfile: async () => true,
    async quote() {
      asked.push("quote");
      return "q2";
    },
    async create(_, quote) {
      asked.push(`create of ${quote}`);
      return "50000";
    },
    statusOf: async () => status,
    async fund() {
      asked.push("fund");
      status = "processing";
      return { kind: "paid" };
    },
    async cancel() {
      asked.push("cancel");
      status = "cancelled";
    },
    ...changes,
  };
  const pages: Page<never>[] = [];
  for await (const page of sendMoney(wise, ORDER, steps, { clock: () => now, patienceMs: 120_000 }))
    pages.push(page);
  return { asked, pages };
}

test("each step is written down before the next one is taken", async () => {
  const { asked, pages } = await run({});
  expect(asked).toEqual(["quote", "create of q2", "fund"]);
  expect(pages).toEqual([
    { state: { quote: { id: "q2", quotedAt: "2023-07-10T12:00:00Z" } } },
    {
      state: { transfer: "50000" },
      transfer: { id: "o1", status: "PENDING", reference: "50000" },
    },
    { state: { transfer: "50000", payingSince: "2023-07-10T12:00:00Z" } },
    { state: { transfer: "50000", funding: { kind: "paid" } } },
    { transfer: { id: "o1", status: "PENDING" }, problems: [] },
  ]);
});

test("a transfer is set up with the quote that was asked for, as long as that is good", async () => {
  const quote = { id: "q1", quotedAt: "2023-07-10T12:00:00Z" };
  expect((await run({ quote }, NOON + 19n * MINUTE)).asked).toEqual(["create of q1", "fund"]);
  expect((await run({ quote }, NOON + 20n * MINUTE)).asked).toEqual([
    ...["quote", "create of q2", "fund"],
  ]);
});

test("what was set up is not set up again", async () => {
  expect((await run({ transfer: "50000" })).asked).toEqual(["fund"]);
});

test("nobody pays for what is paid for, even if Wise is slow to say so", async () => {
  expect((await run({ transfer: "50000", funding: { kind: "paid" } })).asked).toEqual([]);
  expect((await run({ transfer: "50000" }, NOON, { statusOf: async () => "new" })).asked).toEqual(
    [],
  );
});

test("whoever does not know whether Wise was paid asks again only when Wise has had time to tell", async () => {
  const steps = { transfer: "50000", payingSince: "2023-07-10T12:00:00Z" };
  const { asked, pages } = await run(steps, NOON + 2n * MINUTE - 1n);
  expect(asked).toEqual([]);
  expect(pages).toEqual([{ problems: ["it is not yet known whether transfer 50000 is paid for"] }]);
  expect((await run(steps, NOON + 2n * MINUTE)).asked).toEqual(["fund"]);
});

test("what was refused is called off, also by a later run", async () => {
  const funding = { kind: "refused", reason: "no money" } as const;
  const { asked, pages } = await run({ transfer: "50000", funding });
  expect(asked).toEqual(["cancel"]);
  expect(pages).toEqual([
    { transfer: { id: "o1", status: "FAILED", error: "no money" }, problems: [] },
  ]);
});
