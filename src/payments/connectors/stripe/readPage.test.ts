import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import type { OriginPayment, StripeClient } from "./client.js";
import { readPage } from "./readPage.js";

/** Stripe, where these charges and transfers can be found; and which of them were asked for. */
function stripeWith(origins: Readonly<Record<string, OriginPayment>>) {
  const asked: string[] = [];
  const client: StripeClient = {
    listTransactions: async () => null,
    findTransaction: async () => null,
    async findOrigin({ kind, id }) {
      asked.push(`${kind}/${id}`);
      return origins[id] ?? null;
    },
  };
  return { client, asked };
}

const items = (...list: readonly object[]) => list.map((it) => parseJson(JSON.stringify(it)));

const charge = (id: string, amount: number, transaction?: string) => ({
  ...{ id, type: "charge", created: 1, amount, currency: "usd" },
  source: {
    ...{ id: "ch_1", object: "charge", amount: 1999, currency: "usd" },
    balance_transaction: transaction,
  },
});

const refund = (id: string, changes: object = {}) => ({
  ...{ id, type: "refund", created: 2, amount: -500, currency: "usd", ...changes },
  source: { id: `re_${id}`, object: "refund", amount: 500, currency: "usd", charge: "ch_1" },
});

test("a refund on the page of its charge asks Stripe nothing", async () => {
  const { client, asked } = stripeWith({});
  const heard = await readPage(client, items(refund("txn_r"), charge("txn_1", 1999)));
  expect(heard.adjustments).toMatchObject([
    { reference: "txn_r", amount: -500n, payment: { reference: "txn_1", type: "PAY-IN" } },
  ]);
  expect(asked).toEqual([]);
});

test("of a charge captured in steps, changes go to its first transaction, on whichever page they are", async () => {
  const origin = { reference: "txn_1", asset: "USD/2" };
  const { client, asked } = stripeWith({ ch_1: origin });
  const second = charge("txn_2", 700, "txn_1");
  const pages = [
    [refund("txn_r"), second, charge("txn_1", 1299, "txn_1")],
    [refund("txn_r"), second],
    [refund("txn_r"), refund("txn_s")],
  ];
  for (const page of pages) {
    const { adjustments } = await readPage(client, items(...page));
    for (const { payment } of adjustments) expect(payment.reference).toBe("txn_1");
    expect(adjustments.length).toBeGreaterThan(0);
  }
  expect(asked).toEqual(["charges/ch_1"]);
});

test("a refund that settles in another currency takes away what the customer gets back", async () => {
  const { client } = stripeWith({ ch_1: { reference: "txn_1", asset: "USD/2" } });
  const heard = await readPage(client, items(refund("txn_r", { amount: -453, currency: "eur" })));
  expect(heard).toMatchObject({ adjustments: [{ amount: -500n }], problems: [] });
});

test("names that Stripe would not give are not passed on", async () => {
  const { client } = stripeWith({});
  const { problems } = await readPage(
    client,
    items({ ...charge("txn\0", 1), source: null }, refund("r")),
  );
  expect(problems).toEqual([
    "a balance transaction: its source is missing",
    "r: its charge ch_1 does not exist",
  ]);
});
