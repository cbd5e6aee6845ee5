import { expect, test, vi } from "vitest";
import type { Db } from "../../../src/db/database.js";
import { freeLeases } from "../../support/freeLeases.js";
import { expectDerivable } from "../derivable.js";
import { type PaymentsApp, startPaymentsApp } from "../paymentsApp.js";
import { paymentsProcesses } from "../processes.js";
import { eventually } from "./stage.js";
import {
  CREATED,
  chargeOf,
  disputeOf,
  type FakeStripe,
  payoutOf,
  refundOf,
  startStripe,
  transferOf,
} from "./stripe.js";
import { API_KEY } from "./stripeRules.js";

vi.setConfig({ testTimeout: 120_000 });

const STRIPE = "/connectors/STRIPE";
const CONFIG = { apiKey: API_KEY, pollingPeriod: "100ms", pageSize: 100 };

const startWith = (stripe: FakeStripe) => startPaymentsApp({ STRIPE_API_URL: stripe.url });

/** "<reference> <type> <status> <scheme> <initial amount> <amount> <asset>" of all payments. */
async function paymentsIn(db: Db): Promise<string[]> {
  const rows = await db("payments").orderByRaw('reference collate "C"');
  await expectDerivable(db);
  return rows.map((it) =>
    [it.reference, it.type, it.status, it.scheme, it.initial_amount, it.amount, it.asset].join(" "),
  );
}

const adjustmentsOf = async ({ call }: PaymentsApp, reference: string) => {
  const { body } = await call("GET", "/payments?pageSize=1000");
  const payment = body.cursor.data.find((it: { reference: string }) => it.reference === reference);
  return payment.adjustments.map((it: Record<string, unknown>) =>
    [it["reference"], it["status"], it["amount"], it["absolute"]].join(" "),
  );
};

/** Descriptors, statuses and errors of the tasks, the oldest first. */
async function tasksOf({ call }: PaymentsApp) {
  const { body } = await call("GET", `${STRIPE}/tasks?pageSize=100`);
  return body.cursor.data.toReversed();
}

const three = (index: number): string => String(index).padStart(3, "0");

/** 350 charges, every tenth of them refunded by 500 cents. */
function fill(stripe: FakeStripe): string[] {
  const own = stripe.accounts.get("") ?? [];
  const expected: string[] = [];
  for (let index = 0; index < 350; index++) {
    const [name, created] = [three(index), CREATED + 10 * index];
    own.push(chargeOf(name, created));
    const isRefunded = index % 10 === 0;
    if (isRefunded) {
      own.push(refundOf(`${name}r`, name, created + 5, 500));
      stripe.objects.set(`ch_${name}`, chargeOf(name, created).source);
    }
    const amount = isRefunded ? 1499 : 1999;
    expected.push(`txn_${name} PAY-IN SUCCEEDED visa 1999 ${amount} USD/2`);
  }
  return expected;
}

test("several hundred payments come in whole, whatever Stripe does meanwhile, and each change once", async () => {
  const stripe = await startStripe();
  const own = stripe.accounts.get("") ?? [];
  const expected = fill(stripe);
  own.push(payoutOf("p", CREATED + 5000, "in_transit"));
  const app = await startWith(stripe);
  stripe.mishaps.push("fails", "too many", "slow", "cut off", "HTML");
  expect((await app.call("POST", STRIPE, { ...CONFIG, pageSize: 30 })).status).toBe(204);
  await eventually(async () =>
    expect(await paymentsIn(app.db)).toEqual([
      ...expected,
      "txn_p PAYOUT PENDING sepa credit 5000 5000 EUR/2",
    ]),
  );
  const before = Number((await app.db("payments_head").first()).next_event);
  // 351 payments, 35 of which a refund has changed.
  expect(before).toBe(351 + 35);
  expect(await adjustmentsOf(app, "txn_010")).toEqual(["txn_010r SUCCEEDED 1499 true"]);

  own.push(refundOf("010s", "010", CREATED + 6000, 1499));
  own.push(disputeOf("011d", "011", CREATED + 6001, -1999));
  stripe.objects.set("ch_011", chargeOf("011", CREATED).source);
  own.push(chargeOf("new", CREATED + 6002));
  const payout = own.find(({ id }) => id === "txn_p");
  if (payout) payout.source.status = "paid";
  const after = [...expected];
  after[10] = "txn_010 PAY-IN SUCCEEDED visa 1999 0 USD/2";
  after[11] = "txn_011 PAY-IN CANCELLED visa 1999 0 USD/2";
  await eventually(async () =>
    expect(await paymentsIn(app.db)).toEqual([
      ...after,
      "txn_new PAY-IN SUCCEEDED visa 1999 1999 USD/2",
      "txn_p PAYOUT SUCCEEDED sepa credit 5000 5000 EUR/2",
    ]),
  );
  own.push(disputeOf("011w", "011", CREATED + 6003, 1999));
  await eventually(async () =>
    expect(await adjustmentsOf(app, "txn_011")).toEqual([
      "txn_011d CANCELLED 0 true",
      "txn_011w SUCCEEDED 1999 true",
    ]),
  );
  expect(await adjustmentsOf(app, "txn_010")).toEqual([
    "txn_010r SUCCEEDED 1499 true",
    "txn_010s SUCCEEDED 0 true",
  ]);
  expect(await adjustmentsOf(app, "txn_p")).toEqual([
    expect.stringMatching(/^poll:\d+ SUCCEEDED 5000 true$/),
  ]);
  const asked = stripe.seen.length;
  await eventually(() => expect(stripe.seen.length).toBeGreaterThan(asked + 2));
  // Two refunds and a dispute that was won, a payment more, and a payout that arrived.
  expect(Number((await app.db("payments_head").first()).next_event)).toBe(before + 5);
  expect(await tasksOf(app)).toMatchObject([
    {
      descriptor: {
        ...{ name: "Main task to periodically fetch transactions", main: true },
        transferID: "00000000-0000-0000-0000-000000000000",
      },
      ...{ status: "ACTIVE", error: "" },
      state: {
        ...{ oldestID: "txn_000", oldestDate: "2023-07-10T12:00:00Z" },
        ...{ moreRecentID: "txn_011w", moreRecentDate: "2023-07-10T13:40:03Z" },
        noMoreHistory: true,
      },
    },
  ]);
});

test("kill -9 in the middle of the history loses nothing, doubles nothing, and does not begin anew", async () => {
  const stripe = await startStripe();
  const expected = fill(stripe);
  const { db, receiver, start } = await paymentsProcesses({ STRIPE_API_URL: stripe.url });
  const first = await start();
  expect((await first.call("POST", STRIPE, { ...CONFIG, pageSize: 10 })).status).toBe(204);
  await eventually(async () => expect((await db("payments")).length).toBeGreaterThan(50));
  await first.end("SIGKILL");
  await freeLeases(db);
  expect((await db("payments")).length).toBeLessThan(350);
  const asked = stripe.seen.length;
  stripe.accounts.get("")?.push(chargeOf("new", CREATED + 5000));
  await start();
  await eventually(async () =>
    expect(await paymentsIn(db)).toEqual([
      ...expected,
      "txn_new PAY-IN SUCCEEDED visa 1999 1999 USD/2",
    ]),
  );
  expect(stripe.seen[asked]?.query.get("starting_after")).toMatch(/^txn_/);
  expect(await db("payment_adjustments")).toHaveLength(35);
  expect(Number((await db("payments_head").first()).next_event)).toBe(351 + 35);
  await eventually(() => {
    const heard = new Set(receiver.deliveries.map(({ headers }) => headers["webhook-id"]));
    expect(heard.size).toBe(351 + 35);
  });
});

test("a wrong key is a clear error of the task, without the key, and Stripe is asked once a period", async () => {
  const stripe = await startStripe();
  const app = await startWith(stripe);
  const config = { apiKey: "sk_test_wrong_wrong_wrong", pollingPeriod: "1h" };
  expect((await app.call("POST", STRIPE, config)).status).toBe(204);
  await eventually(async () =>
    expect(await tasksOf(app)).toMatchObject([
      {
        status: "ACTIVE",
        error: "GET /v1/balance_transactions: answered 401: Invalid API Key provided: ***",
      },
    ]),
  );
  expect(stripe.seen).toHaveLength(1);
  expect(
    await app.db("connector_tasks").whereRaw("due_at > now() + interval '50 minutes'"),
  ).toHaveLength(1);
});

test("an account on which nothing has happened yet is listened to", async () => {
  const stripe = await startStripe();
  const app = await startWith(stripe);
  await app.call("POST", STRIPE, CONFIG);
  await eventually(() => expect(stripe.seen.length).toBeGreaterThan(2));
  expect(await tasksOf(app)).toMatchObject([{ status: "ACTIVE", error: "" }]);
  stripe.accounts.get("")?.push(chargeOf("first", CREATED));
  await eventually(async () => expect(await paymentsIn(app.db)).toHaveLength(1));
});

test("what is listed late, behind something newer, is not missed", async () => {
  const stripe = await startStripe();
  const own = stripe.accounts.get("") ?? [];
  const now = Math.floor(Date.now() / 1000);
  own.push(chargeOf("old", now - 1000), chargeOf("young", now - 10));
  const app = await startWith(stripe);
  await app.call("POST", STRIPE, CONFIG);
  await eventually(async () => expect(await paymentsIn(app.db)).toHaveLength(2));
  own.splice(1, 0, chargeOf("late", now - 20));
  await eventually(async () => expect(await paymentsIn(app.db)).toHaveLength(3));
  expect(Number((await app.db("payments_head").first()).next_event)).toBe(3);
});

test("where Stripe has deleted what we know, its list is read from the beginning", async () => {
  const stripe = await startStripe();
  const own = stripe.accounts.get("") ?? [];
  own.push(chargeOf("1", CREATED));
  const app = await startWith(stripe);
  await app.call("POST", STRIPE, CONFIG);
  await eventually(async () => expect(await paymentsIn(app.db)).toHaveLength(1));
  own.splice(0, 1, chargeOf("2", CREATED + 1));
  await eventually(async () => expect(await paymentsIn(app.db)).toHaveLength(2));
  expect(await tasksOf(app)).toMatchObject([{ error: "", state: { oldestID: "txn_2" } }]);
});

test("refunds and disputes leave what they leave, however they end, before the charge was heard of or after", async () => {
  const stripe = await startStripe();
  const own = stripe.accounts.get("") ?? [];
  const stories = (name: string, at: number) => {
    const charge = { ...refundOf(`${name}_f`, name, at + 3, -1499), type: "refund_failure" };
    return [
      chargeOf(name, at),
      refundOf(`${name}_a`, name, at + 1, 500),
      refundOf(`${name}_b`, name, at + 2, 1499),
      charge,
      disputeOf(`${name}_l`, name, at + 4, -1000),
      disputeOf(`${name}_w`, name, at + 5, 600),
    ];
  };
  own.push(...stories("old", CREATED));
  // Its charge is older than the list.
  own.push(refundOf("stray", "ancient", CREATED + 10, 100));
  for (const name of ["old", "new", "ancient"])
    stripe.objects.set(`ch_${name}`, chargeOf(name, CREATED).source);
  const app = await startWith(stripe);
  await app.call("POST", STRIPE, { ...CONFIG, pageSize: 1 });
  const old = "txn_old PAY-IN SUCCEEDED visa 1999 1099 USD/2";
  await eventually(async () => expect(await paymentsIn(app.db)).toEqual([old]));
  for (const item of stories("new", CREATED + 100)) {
    own.push(item);
    await eventually(async () => {
      const [{ state }] = await tasksOf(app);
      expect(state.moreRecentID).toBe(item.id);
    });
  }
  expect(await paymentsIn(app.db)).toEqual(["txn_new PAY-IN SUCCEEDED visa 1999 1099 USD/2", old]);
  for (const name of ["old", "new"])
    expect(await adjustmentsOf(app, `txn_${name}`)).toEqual([
      `txn_${name}_a SUCCEEDED 1499 true`,
      `txn_${name}_b SUCCEEDED 0 true`,
      `txn_${name}_f SUCCEEDED 1499 true`,
      `txn_${name}_l CANCELLED 499 true`,
      `txn_${name}_w SUCCEEDED 1099 true`,
    ]);
  expect(await app.db("payment_adjustments").where({ reference: "txn_stray" })).toHaveLength(1);
});

test("a payout that comes back stands so, whether it was known before or not", async () => {
  const stripe = await startStripe();
  const own = stripe.accounts.get("") ?? [];
  const back = (name: string, type: string, status: string, created: number) => {
    const payout = payoutOf(name, CREATED, status);
    return { ...payout, id: `txn_${name}_back`, type, created, amount: 5000 };
  };
  own.push(payoutOf("a", CREATED, "failed"), back("a", "payout_failure", "failed", CREATED + 1));
  own.push(payoutOf("b", CREATED + 2, "paid"));
  const app = await startWith(stripe);
  await app.call("POST", STRIPE, { ...CONFIG, pageSize: 1 });
  await eventually(async () => expect(await paymentsIn(app.db)).toHaveLength(3));
  own.push(back("b", "payout_failure", "failed", CREATED + 3));
  own.push(payoutOf("c", CREATED + 4, "pending"));
  await eventually(async () => expect(await paymentsIn(app.db)).toHaveLength(5));
  const [payout] = own.filter(({ id }) => id === "txn_c");
  if (payout) payout.source.status = "canceled";
  own.push(back("c", "payout_cancel", "canceled", CREATED + 5));
  await eventually(async () =>
    expect(await paymentsIn(app.db)).toEqual([
      "txn_a PAYOUT FAILED sepa credit 5000 5000 EUR/2",
      "txn_a_back PAY-IN FAILED sepa credit 5000 5000 EUR/2",
      "txn_b PAYOUT FAILED sepa credit 5000 5000 EUR/2",
      "txn_b_back PAY-IN FAILED sepa credit 5000 5000 EUR/2",
      "txn_c PAYOUT CANCELLED sepa credit 5000 5000 EUR/2",
      "txn_c_back PAYOUT CANCELLED sepa credit 5000 5000 EUR/2",
    ]),
  );
  await eventually(async () => expect((await tasksOf(app))[0].state.openPayouts).toBeUndefined());
  expect(await adjustmentsOf(app, "txn_b")).toEqual(["txn_b_back FAILED 5000 true"]);
});

test("connected accounts are followed once they were paid; those that are out of reach disturb nobody", async () => {
  const stripe = await startStripe();
  const own = stripe.accounts.get("") ?? [];
  own.push(transferOf("1", CREATED, "acct_1"), transferOf("2", CREATED + 1, "acct_gone"));
  stripe.accounts.set("acct_1", [
    chargeOf("theirs", CREATED + 2),
    transferOf("away", CREATED + 3, "acct_other"),
  ]);
  const app = await startWith(stripe);
  await app.call("POST", STRIPE, CONFIG);
  const known = [
    "txn_1 PAYOUT SUCCEEDED other 700 700 USD/2",
    "txn_2 PAYOUT SUCCEEDED other 700 700 USD/2",
    "txn_away PAYOUT SUCCEEDED other 700 700 USD/2",
    "txn_theirs PAY-IN SUCCEEDED visa 1999 1999 USD/2",
  ];
  await eventually(async () => expect(await paymentsIn(app.db)).toEqual(known));
  stripe.accounts.get("acct_1")?.push(refundOf("theirs_r", "theirs", CREATED + 4, 99));
  stripe.objects.set("ch_theirs", chargeOf("theirs", CREATED + 2).source);
  await eventually(async () =>
    expect(await adjustmentsOf(app, "txn_theirs")).toEqual(["txn_theirs_r SUCCEEDED 1900 true"]),
  );
  const origin = stripe.seen.find(({ path }) => path === "/v1/charges/ch_theirs");
  expect(origin?.headers["stripe-account"]).toBe("acct_1");
  const tasks = await tasksOf(app);
  const accountTask = (account: string) => ({
    ...{ name: "Fetch balance transactions for a specific connected account", account },
    transferID: "00000000-0000-0000-0000-000000000000",
  });
  const byAccount = (account: string) =>
    tasks.find((it: { descriptor: { account?: string } }) => it.descriptor.account === account);
  expect(byAccount("acct_1")).toMatchObject({
    ...{ descriptor: accountTask("acct_1"), status: "ACTIVE", error: "" },
    state: { moreRecentID: "txn_theirs_r", noMoreHistory: true },
  });
  expect(byAccount("acct_gone")).toMatchObject({
    ...{ descriptor: accountTask("acct_gone"), status: "ACTIVE" },
    error: expect.stringContaining("answered 403: The provided key has no access to the account"),
  });
  expect(tasks).toHaveLength(3);
});

test("items that mean nothing good are named, and keep no other from being stored", async () => {
  const stripe = await startStripe();
  const own = stripe.accounts.get("") ?? [];
  const dispute = disputeOf("other", "good", CREATED + 4, -100);
  const inEuro = { ...dispute, currency: "eur", source: { ...dispute.source, currency: "eur" } };
  own.push(
    chargeOf("good", CREATED),
    { ...chargeOf("null", CREATED + 1), source: null },
    refundOf("lost", "nowhere", CREATED + 2, 100),
    refundOf("early", "pending", CREATED + 3, 100),
    inEuro,
    chargeOf("last", CREATED + 5),
  );
  stripe.objects.set("ch_pending", { currency: "usd", balance_transaction: null });
  const app = await startWith(stripe);
  await app.call("POST", STRIPE, { ...CONFIG, pollingPeriod: "1h", pageSize: 500 });
  await eventually(async () => {
    const [{ error }] = await tasksOf(app);
    expect(error.split("; ")).toEqual([
      "txn_null: its source is missing",
      "txn_other: its charge ch_good is in another currency",
      "txn_early: its charge ch_pending has moved no money",
      "txn_lost: its charge ch_nowhere does not exist",
    ]);
  });
  expect(await paymentsIn(app.db)).toEqual([
    "txn_good PAY-IN SUCCEEDED visa 1999 1999 USD/2",
    "txn_last PAY-IN SUCCEEDED visa 1999 1999 USD/2",
  ]);
  expect(stripe.seen[0]?.query.get("limit")).toBe("100");
});

test("Stripe is configured as the contract says, and a sample of its answers is shown as there", async () => {
  const stripe = await startStripe();
  stripe.accounts.get("")?.push(chargeOf("1", CREATED));
  const app = await startWith(stripe);
  expect(await app.call("POST", STRIPE, {})).toMatchObject({
    status: 400,
    body: { errorCode: "VALIDATION", errorMessage: "missing api key" },
  });
  expect((await app.call("POST", STRIPE, { ...CONFIG, pollingPeriod: "-1s" })).status).toBe(400);
  expect((await app.call("POST", STRIPE, { apiKey: API_KEY })).status).toBe(204);
  expect((await app.call("GET", `${STRIPE}/config`)).body.data).toEqual({
    ...{ provider: "Stripe", name: "STRIPE" },
    ...{ pollingPeriod: "2m0s", apiKey: "***cdef", pageSize: 10 },
  });
  const templates = (await app.call("GET", "/connectors/configs")).body.data;
  expect(templates.STRIPE).toEqual({
    apiKey: { dataType: "string", required: true },
    pageSize: { dataType: "unsigned integer", required: false },
    pollingPeriod: { dataType: "duration ns", required: false },
  });
  const payment = await eventually(async () => {
    const { body } = await app.call("GET", "/payments");
    expect(body.cursor.data).toHaveLength(1);
    return body.cursor.data[0];
  });
  expect(payment).toMatchObject({
    id: "eyJQcm92aWRlciI6IlNUUklQRSIsIlJlZmVyZW5jZSI6InR4bl8xIiwiVHlwZSI6IlBBWS1JTiJ9",
    ...{ reference: "txn_1", accountID: "", type: "PAY-IN", provider: "STRIPE" },
    ...{ status: "SUCCEEDED", initialAmount: 1999, scheme: "visa", asset: "USD/2" },
    ...{ createdAt: "2023-07-10T12:00:00Z", adjustments: [], metadata: null },
    raw: chargeOf("1", CREATED),
  });
  expect(stripe.seen[0]?.query.get("limit")).toBe("10");
});
