import { expect, test } from "vitest";
import { readAdjustments } from "../../src/payments/store/adjustments.js";
import { testDb } from "../support/database.js";
import { commit, leaseOf, NOW, outboxOf, SECOND, told } from "./support.js";

const standing = (db: Awaited<ReturnType<typeof testDb>>) =>
  db("payments").select("reference", "status", "initial_amount", "amount").orderBy("reference");

test("a payment that is new is stored and told", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const committed = await commit(db, lease, { payments: [told("a"), told("b")], state: { at: 2 } });
  expect(committed).toEqual({ problems: [], hasNews: true, isOver: false });
  expect(await standing(db)).toMatchObject([
    { reference: "a", status: "PENDING", initial_amount: 100n, amount: 100n },
    { reference: "b" },
  ]);
  expect(await outboxOf(db)).toEqual([
    "0 SAVED_PAYMENT a PENDING 100",
    "1 SAVED_PAYMENT b PENDING 100",
  ]);
  expect(await db("connector_tasks").first()).toMatchObject({ state: '{"at":2}' });
});

test("what has not changed changes nothing, and nobody hears of it", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const page = { payments: [told("a", { raw: '{"x": 1.0}' })] };
  await commit(db, lease, page);
  const before = await db("payments");
  expect(await commit(db, lease, page, NOW + SECOND)).toEqual({
    problems: [],
    hasNews: false,
    isOver: false,
  });
  expect(await db("payments")).toEqual(before);
  expect(await outboxOf(db)).toHaveLength(1);
});

test("a status or amount that has changed appends an adjustment", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  await commit(db, lease, { payments: [told("a", { createdAt: NOW })] });
  const later = told("a", { status: "SUCCEEDED", amount: 90n, raw: "{}", createdAt: NOW + 5n });
  await commit(db, lease, { payments: [later] }, NOW + SECOND);
  const [payment] = await db("payments");
  expect(payment).toMatchObject({
    ...{ status: "SUCCEEDED", initial_amount: 100n, amount: 90n, raw: "{}", created_at: NOW },
    ...{ event: 1n, changed_at: NOW + SECOND },
  });
  expect((await readAdjustments(db, [payment.id])).get(payment.id)).toMatchObject([
    { status: "SUCCEEDED", amount: 90n, absolute: true, date: NOW + SECOND, raw: "{}" },
  ]);
  expect(await outboxOf(db)).toEqual([
    "0 SAVED_PAYMENT a PENDING 100",
    "1 SAVED_PAYMENT a SUCCEEDED 90",
  ]);
});

test("what has changed otherwise is told without an adjustment", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  await commit(db, lease, { payments: [told("a")] });
  await commit(db, lease, { payments: [told("a", { scheme: "amex" })] });
  expect(await db("payments").first()).toMatchObject({ scheme: "amex", event: 1n });
  expect(await db("payment_adjustments")).toEqual([]);
});

test("of one payment told twice in a page, the last word counts", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  await commit(db, lease, { payments: [told("a"), told("b"), told("a", { amount: 7n })] });
  expect(await standing(db)).toMatchObject([{ amount: 7n }, { reference: "b" }]);
  expect(await outboxOf(db)).toHaveLength(2);
});

test("one reference under two types or at two providers is several payments", async () => {
  const db = await testDb();
  const [one, other] = [await leaseOf(db, "ONE"), await leaseOf(db, "OTHER")];
  await commit(db, one, { payments: [told("a"), told("a", { type: "PAYOUT" })] });
  await commit(db, other, { payments: [told("a")] });
  expect(await standing(db)).toHaveLength(3);
});

test("items that cannot be stored are named, and keep no other from it", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const committed = await commit(db, lease, {
    payments: [
      told("negative", { amount: -1n }),
      told("type", { type: "GIFT" as never }),
      told("status", { status: "PAID" as never }),
      told("scheme", { scheme: "cowrie" }),
      told("asset", { asset: "euro" }),
      told("zero\0"),
      told("good"),
    ],
    accounts: [{ reference: "x", type: "SIDE" as never }],
    problems: ['payment "early": unknown currency "XYZ"'],
  });
  expect(committed?.problems).toEqual([
    'payment "early": unknown currency "XYZ"',
    'account "x": unknown type "SIDE"',
    'payment "negative": its amount is negative: -1',
    'payment "type": unknown type "GIFT"',
    'payment "status": unknown status "PAID"',
    'payment "scheme": unknown scheme "cowrie"',
    'payment "asset": "euro" is no asset',
    'payment "zero\\u0000": its reference cannot be stored',
  ]);
  expect(await standing(db)).toMatchObject([{ reference: "good" }]);
});

/** Text of that many characters that does not compress. */
const noise = (length: number, from: number, range: number): string =>
  Array.from({ length }, (_, index) =>
    String.fromCodePoint(from + ((index * 7919 + index ** 3) % range)),
  ).join("");

test("a reference, an amount or an account that no index takes keeps no other item from it", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const fits = [noise(332, 0x4e00, 20_000), noise(998, 0x41, 26), noise(160, 1, 30)];
  const payments = [
    ...fits.map((reference) => told(reference)),
    told(noise(500, 0x4e00, 20_000)),
    told(noise(500, 1, 30)),
    told("large", { amount: 10n ** 999n }),
    told("largest", { amount: 10n ** 999n - 1n }),
    told("nowhere", { account: "a\0" }),
  ];
  const adjustments = [
    ...fits.map((reference) => ({
      ...{ payment: { reference, type: "PAY-IN" as const }, reference, date: NOW, amount: 1n },
      ...{ status: "FAILED" as const, absolute: true, raw: null },
    })),
  ];
  const accounts = [...fits, noise(500, 0x4e00, 20_000)].map((reference) => ({
    ...{ reference, type: "SOURCE" as const },
  }));
  const committed = await commit(db, lease, { payments, adjustments, accounts });
  expect(committed?.problems.map((it) => it.replace(/"[^ ]*"/, "…"))).toEqual([
    "account …: its reference cannot be stored",
    expect.stringMatching(/^payment .*: its reference cannot be stored$/),
    expect.stringMatching(/^payment .*: its reference cannot be stored$/),
    "payment …: its amount is too large",
    "payment …: it cannot be stored",
  ]);
  expect(await db("payments")).toHaveLength(4);
});

test("a task that no index takes keeps no other item from it", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const spawn = [650, 2000].map((length) => ({ name: noise(length, 0x4e00, 20_000) }));
  const committed = await commit(db, lease, { payments: [told("good")], spawn });
  expect(committed?.problems).toEqual([
    expect.stringMatching(/^task "{\\"name\\":\\".+": it cannot be stored$/),
  ]);
  expect(await standing(db)).toMatchObject([{ reference: "good" }]);
  expect(await db("connector_tasks")).toHaveLength(2);
});

test("amounts of any size and dates in the future are stored as they are", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const far = NOW + 10_000_000n * SECOND;
  await commit(db, lease, { payments: [told("a", { amount: 10n ** 40n, createdAt: far })] });
  expect(await db("payments").first()).toMatchObject({ amount: 10n ** 40n, created_at: far });
});

test("an account that both pays and is paid stays what it was first, and is told once", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  for (const type of ["TARGET", "SOURCE", "TARGET"] as const) {
    await commit(db, lease, { accounts: [{ reference: "1", type }] });
  }
  expect(await db("payment_accounts")).toMatchObject([{ reference: "1", type: "TARGET" }]);
  expect(await outboxOf(db)).toHaveLength(1);
});

test("payments are linked to accounts that are known by then", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const payment = told("a", { account: "1", source: "1", destination: "2" });
  await commit(db, lease, { accounts: [{ reference: "1", type: "SOURCE" }], payments: [payment] });
  const [account] = await db("payment_accounts");
  expect(await db("payments").first()).toMatchObject({
    ...{ account: account.id, source_account: account.id, destination_account: null },
  });
  expect(await outboxOf(db)).toEqual(["0 SAVED_ACCOUNT 1", "1 SAVED_PAYMENT a PENDING 100"]);
  await commit(db, lease, { accounts: [{ reference: "1", type: "SOURCE" }] });
  expect(await outboxOf(db)).toHaveLength(2);
});

const refund = (reference: string, amount: bigint, absolute = false) => ({
  ...{ reference, amount, absolute, date: NOW + SECOND, raw: null, status: "SUCCEEDED" as const },
  payment: { reference: "a", type: "PAY-IN" as const },
});

test("an adjustment changes its payment once, however often it is told", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  await commit(db, lease, { payments: [told("a")] });
  await commit(db, lease, { adjustments: [refund("r", -30n)] });
  await commit(db, lease, { adjustments: [refund("r", -30n)], payments: [told("a")] });
  expect(await standing(db)).toMatchObject([
    { status: "SUCCEEDED", initial_amount: 100n, amount: 70n },
  ]);
  expect(await outboxOf(db)).toEqual([
    "0 SAVED_PAYMENT a PENDING 100",
    "1 SAVED_PAYMENT a SUCCEEDED 70",
  ]);
});

test("an adjustment that comes before its payment waits for it", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  await commit(db, lease, { adjustments: [refund("r", 60n, true)] });
  expect(await outboxOf(db)).toEqual([]);
  await commit(db, lease, { payments: [told("a"), told("b")] });
  expect(await standing(db)).toMatchObject([
    { status: "SUCCEEDED", amount: 60n },
    { status: "PENDING", amount: 100n },
  ]);
});

test("where more is taken than there was nothing is left, and what comes back counts from there", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const page = { payments: [told("a")], adjustments: [refund("r", -100n), refund("s", -30n)] };
  expect((await commit(db, lease, page))?.problems).toEqual([
    'adjustment "r": it leaves less than nothing of its payment',
    'adjustment "s": it leaves less than nothing of its payment',
  ]);
  expect(await standing(db)).toMatchObject([{ status: "SUCCEEDED", amount: 0n }]);
  await commit(db, lease, { adjustments: [refund("t", 30n)] });
  expect(await standing(db)).toMatchObject([{ amount: 0n }]);
  await commit(db, lease, { adjustments: [refund("u", 30n)] });
  expect(await standing(db)).toMatchObject([{ amount: 30n }]);
  const below = { adjustments: [refund("v", -1n, true)] };
  expect((await commit(db, lease, below))?.problems).toEqual([
    'adjustment "v" of "a": its amount is negative: -1',
  ]);
});

test("whoever has lost the lease commits nothing", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  await db("connector_tasks").update({ fence: 2 });
  expect(await commit(db, lease, { payments: [told("a")], state: {} })).toBeNull();
  expect(await standing(db)).toEqual([]);
});

test("pages of one connector and of others, committed at once, lose and double nothing", async () => {
  const db = await testDb();
  const leases = await Promise.all(["A", "B", "C"].map((provider) => leaseOf(db, provider)));
  const references = Array.from({ length: 50 }, (_, index) => String(index));
  const pages = leases.flatMap((lease) =>
    [1n, 2n, 3n].map((amount) =>
      commit(db, lease, { payments: references.map((it) => told(it, { amount })) }),
    ),
  );
  await Promise.all(pages);
  expect(await standing(db)).toHaveLength(150);
  const events = await outboxOf(db);
  expect(events.map((it) => Number.parseInt(it, 10))).toEqual(events.map((_, index) => index));
  expect(events).toHaveLength(150 + (await db("payment_adjustments")).length);
});
