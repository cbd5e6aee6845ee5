import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import { fail, ok } from "../../src/lib/result.js";
import type { Page } from "../../src/payments/connectors/connector.js";
import type { SentTransfer, TransferOrder } from "../../src/payments/domain/transfer.js";
import { listTransfers } from "../../src/payments/listTransfers.js";
import type { Payments } from "../../src/payments/payments.js";
import { resetConnector, uninstallConnector } from "../../src/payments/removeConnector.js";
import { requestTransfer } from "../../src/payments/requestTransfer.js";
import { insertTransfer } from "../../src/payments/store/transfers.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import {
  type Context,
  type FakeTask,
  fakeConnector,
  install,
  paymentsOf,
} from "./fakeConnector.js";
import { commit, leaseOf, NOW } from "./support.js";

type Send = (order: TransferOrder, context: Context) => AsyncGenerator<Page<FakeTask>>;

/** A connector that sends money as `send` does. It takes no more than 1000. */
const sender = (send: Send) =>
  fakeConnector(
    [],
    async function* (context) {
      const order = await context.findTransfer(context.descriptor.name);
      if (order !== null) yield* send(order, context);
    },
    {
      transfers: {
        check: ({ amount }) => (amount > 1000n ? fail("that is too much") : ok(null)),
        taskFor: ({ id }): FakeTask => ({ name: id, every: 50 }),
      },
    },
  );

/** One that succeeds, and every order that it was given. */
function bank() {
  const sent: TransferOrder[] = [];
  const connector = sender(async function* (order) {
    sent.push(order);
    yield { transfer: { id: order.id, status: "SUCCEEDED", reference: "txn_1" } };
  });
  return { sent, connector };
}

const SENT: SentTransfer = { amount: "100", asset: "USD/2", destination: "acct_1", source: "me" };

const request = (
  payments: Payments,
  changes: Partial<SentTransfer> = {},
  key: string | null = null,
) => requestTransfer(payments, "STRIPE", { ...SENT, ...changes }, key);

async function idOf(requested: ReturnType<typeof requestTransfer>): Promise<string> {
  const result = await requested;
  if (!result.ok) throw new Error(result.failure.kind);
  return result.value.id;
}

/** How many rows there are of what a transfer is made of. */
const countIn = async (db: Db) =>
  Promise.all(
    ["transfers", "transfer_keys", "connector_tasks"].map(async (it) => (await db(it)).length),
  );

const transfersIn = (db: Db) => db("transfers").select("status", "error", "reference");
const tasksIn = (db: Db) => db("connector_tasks").select("status", "error", "due_at as dueAt");

test("a transfer is pending until it was made; then its task is over", async () => {
  const db = await testDb();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { sent, connector } = bank();
  const slow = sender(async function* (order) {
    await released;
    yield { transfer: { id: order.id, status: "PENDING" } };
    sent.push(order);
    yield { transfer: { id: order.id, status: "SUCCEEDED", reference: "txn_1" } };
    throw new Error("nobody asks for more");
  });
  const payments = paymentsOf(db, [{ ...connector, ...slow }]);
  await install(payments);
  const id = await idOf(request(payments));
  const asked = { id, source: "me", destination: "acct_1", amount: 100n };
  expect(await listTransfers(payments, "STRIPE")).toEqual({
    ok: true,
    value: [{ ...asked, asset: "USD", status: "PENDING", error: null }],
  });
  release();
  await eventually(async () =>
    expect(await tasksIn(db)).toEqual([{ status: "TERMINATED", error: "", dueAt: null }]),
  );
  expect(await listTransfers(payments, "STRIPE")).toEqual({
    ok: true,
    value: [{ ...asked, asset: "USD", status: "SUCCEEDED", error: "" }],
  });
  expect(await transfersIn(db)).toMatchObject([{ reference: "txn_1" }]);
  expect(sent).toEqual([{ ...asked, currency: "USD" }]);
});

test("transfers are listed newest first", async () => {
  const db = await testDb();
  let now = NOW;
  const payments = paymentsOf(db, [bank().connector], { clock: () => now++ });
  await install(payments);
  const ids: string[] = [];
  for (const amount of ["1", "2", "3", "4"]) ids.push(await idOf(request(payments, { amount })));
  const listed = await listTransfers(payments, "STRIPE");
  expect(listed.ok && listed.value.map(({ id }) => id)).toEqual(ids.toReversed());
});

test("the same key answers the same, and another request under it is refused", async () => {
  const db = await testDb();
  const { sent, connector } = bank();
  const payments = paymentsOf(db, [connector]);
  await install(payments);
  const first = await request(payments, {}, "key");
  expect(first).toMatchObject({ ok: true, value: { isReplay: false } });
  const id = await idOf(request(payments, {}, "key"));
  expect(await request(payments, {}, "key")).toEqual({ ok: true, value: { id, isReplay: true } });
  // The same asset, written otherwise.
  expect(await request(payments, { asset: "usd" }, "key")).toMatchObject({
    ok: true,
    value: { id },
  });
  const others = [{ amount: "101" }, { asset: "EUR/2" }, { destination: "b" }, { source: "" }];
  for (const change of others) {
    expect(await request(payments, change, "key")).toEqual({
      ok: false,
      failure: { kind: "idempotency-key-reused", key: "key" },
    });
  }
  await eventually(async () => expect(await tasksIn(db)).toMatchObject([{ status: "TERMINATED" }]));
  expect(await countIn(db)).toEqual([1, 1, 1]);
  expect(sent).toHaveLength(1);
  await request(payments, {}, "other");
  expect(await countIn(db)).toEqual([2, 2, 2]);
});

test("of ten requests at once under one key, in two processes, one becomes a transfer", async () => {
  const db = await testDb();
  const { sent, connector } = bank();
  const [one, other] = [paymentsOf(db, [connector]), paymentsOf(db, [connector])];
  await install(one);
  const race = Array.from({ length: 10 }, (_, index) =>
    idOf(request(index % 2 === 0 ? one : other, {}, "key")),
  );
  expect(new Set(await Promise.all(race)).size).toBe(1);
  await eventually(async () => expect(await tasksIn(db)).toMatchObject([{ status: "TERMINATED" }]));
  expect(await countIn(db)).toEqual([1, 1, 1]);
  expect(sent).toHaveLength(1);
});

test.each([
  ["amount must be greater than 0", { amount: "0", asset: "" }],
  ["amount must be greater than 0", { amount: "-1" }],
  ["amount must be greater than 0", { amount: "1.5" }],
  ["asset is required", { asset: "", destination: "" }],
  ["asset is invalid", { asset: "US", destination: "" }],
  // Nobody knows what these count.
  ["asset is invalid", { asset: "USDX" }],
  ["asset is invalid", { asset: "XXX/2" }],
  // What is 1 of these is another amount than 1 of USD/2, JPY and BHD/3.
  ["asset is invalid", { asset: "USD/4" }],
  ["asset is invalid", { asset: "JPY/2" }],
  ["asset is invalid", { asset: "BHD/2" }],
  ["destination is required", { destination: "" }],
  // What the connector itself has against it.
  ["that is too much", { amount: "1001" }],
])("%s: %o is refused, and leaves nothing behind", async (problem, changes) => {
  const db = await testDb();
  const payments = paymentsOf(db, [bank().connector]);
  await install(payments);
  expect(await request(payments, changes, "key")).toEqual({
    ok: false,
    failure: { kind: "transfer-invalid", problem },
  });
  expect(await countIn(db)).toEqual([0, 0, 0]);
  // The key is still free.
  expect(await request(payments, {}, "key")).toMatchObject({
    ok: true,
    value: { isReplay: false },
  });
});

test.each([
  ["transfers-unsupported", true],
  ["transfer-not-installed", false],
])("%s leaves nothing behind", async (kind, isInstalled) => {
  const db = await testDb();
  const payments = paymentsOf(db, [fakeConnector([], async function* () {})]);
  if (isInstalled) await install(payments);
  expect(await request(payments, {}, "key")).toMatchObject({ ok: false, failure: { kind } });
  expect(await countIn(db)).toEqual([0, 0, 0]);
});

test("what goes wrong on the way is told of the task, and tried again from where it was", async () => {
  const db = await testDb();
  let isDown = true;
  const states: unknown[] = [];
  const connector = sender(async function* (order, { state }) {
    states.push(state);
    if (state === undefined) yield { state: { begun: true } };
    if (isDown) throw new Error("the provider is down");
    yield { transfer: { id: order.id, status: "FAILED", error: "no\0 money" } };
  });
  const payments = paymentsOf(db, [connector]);
  await install(payments);
  await request(payments);
  await eventually(async () =>
    expect(await tasksIn(db)).toMatchObject([{ status: "ACTIVE", error: "the provider is down" }]),
  );
  expect(await transfersIn(db)).toEqual([{ status: "PENDING", error: null, reference: null }]);
  isDown = false;
  await eventually(async () =>
    expect(await tasksIn(db)).toEqual([{ status: "TERMINATED", error: "", dueAt: null }]),
  );
  expect(await transfersIn(db)).toEqual([{ status: "FAILED", error: "no money", reference: null }]);
  expect(states[0]).toBeUndefined();
  expect(states.slice(1)).toEqual(states.slice(1).map(() => ({ begun: true })));
});

test("a final status ends the task in the same commit, and never changes again", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const id = randomUUID();
  const order = { id, source: "", destination: "a", amount: 5n, currency: "USD" };
  await insertTransfer(db, lease.connector, order, NOW);
  const tell = (transfer: NonNullable<Page<never>["transfer"]>) => commit(db, lease, { transfer });

  expect(await tell({ id, status: "PENDING", reference: "1" })).toMatchObject({ isOver: false });
  expect(await transfersIn(db)).toEqual([{ status: "PENDING", error: null, reference: "1" }]);
  expect(await tasksIn(db)).not.toMatchObject([{ dueAt: null }]);
  expect(await tell({ id, status: "FAILED" })).toMatchObject({ isOver: true });
  const end = [{ status: "FAILED", error: "unknown error", reference: "1" }];
  expect(await transfersIn(db)).toEqual(end);
  // A process that dies here leaves a task that nobody runs again.
  expect(await tasksIn(db)).toEqual([{ status: "TERMINATED", error: "", dueAt: null }]);
  await tell({ id, status: "SUCCEEDED", reference: "2" });
  await tell({ id, status: "PENDING" });
  expect(await transfersIn(db)).toEqual(end);
  // Nor does the task of another connector change it.
  const other = { ...order, id: randomUUID() };
  await insertTransfer(db, lease.connector, other, NOW);
  const stranger = await leaseOf(db, "OTHER");
  await commit(db, stranger, { transfer: { id: other.id, status: "SUCCEEDED" } });
  expect(await db("transfers").where({ id: other.id })).toMatchObject([{ status: "PENDING" }]);
});

test("whoever has lost the lease can say no more of a transfer", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  const id = randomUUID();
  const order = { id, source: "", destination: "a", amount: 5n, currency: "USD" };
  await insertTransfer(db, lease.connector, order, NOW);
  const old = { ...lease, fence: 0n };
  expect(await commit(db, old, { transfer: { id, status: "SUCCEEDED" } })).toBeNull();
  expect(await transfersIn(db)).toMatchObject([{ status: "PENDING" }]);
});

test.each(["uninstalled", "reset"])(
  "a connector that is %s under way sends nothing again, not even when the request is repeated",
  async (how) => {
    const db = await testDb();
    const sent: string[] = [];
    const connector = sender(async function* (order, { signal }) {
      yield { state: { begun: true } };
      sent.push(order.id);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      yield { transfer: { id: order.id, status: "SUCCEEDED" } };
    });
    const payments = paymentsOf(db, [connector]);
    await install(payments);
    const id = await idOf(request(payments, {}, "key"));
    await eventually(() => expect(sent).toEqual([id]));
    if (how === "reset") await resetConnector(payments, "STRIPE");
    else {
      await uninstallConnector(payments, "STRIPE");
      await install(payments);
    }
    expect(await countIn(db)).toEqual([0, 1, 0]);
    expect(await request(payments, {}, "key")).toEqual({ ok: true, value: { id, isReplay: true } });
    const fresh = await idOf(request(payments, {}, "fresh"));
    await eventually(() => expect(sent).toEqual([id, fresh]));
    expect(await db("transfers").pluck("id")).toEqual([fresh]);
  },
);
