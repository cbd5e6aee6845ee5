import { expect, test } from "vitest";
import {
  claimTasks,
  endRun,
  giveLeaseBack,
  holdLease,
  renewLeases,
} from "../../src/payments/store/leases.js";
import { testDb } from "../support/database.js";
import { leaseOf, NOW } from "./support.js";

const LIMITS = { maxTasks: 10, leaseMs: 60_000 };

/** A task that was just claimed. */
async function claim() {
  const db = await testDb();
  const { connector } = await leaseOf(db);
  const [claimed] = await claimTasks(db, connector, LIMITS);
  if (claimed === undefined) throw new Error("nothing was due");
  return { db, connector, claimed };
}

test("a task that is claimed is nobody else's until its lease is over", async () => {
  const { db, connector, claimed } = await claim();
  expect(await claimTasks(db, connector, LIMITS)).toEqual([]);
  await db("connector_tasks").update({ leased_until: db.raw("now() - interval '1 ms'") });
  const [later] = await claimTasks(db, connector, LIMITS);
  expect(later).toEqual({ ...claimed, fence: claimed.fence + 1n });
  expect(await renewLeases(db, [claimed], 60_000)).toEqual(new Set());
  expect(await db.transaction((trx) => holdLease(trx, claimed))).toBe(false);
});

test("a renewal that comes after the end of the run renews nothing", async () => {
  const { db, connector, claimed } = await claim();
  expect(await renewLeases(db, [claimed], 60_000)).toEqual(new Set([claimed.task]));
  const ending = { status: "ACTIVE", error: "", failures: 0, nextInMs: 0 } as const;
  await endRun(db, claimed, ending, NOW);
  expect(await renewLeases(db, [claimed], 60_000)).toEqual(new Set());
  const [again] = await claimTasks(db, connector, LIMITS);
  if (again === undefined) throw new Error("it was not due");
  await giveLeaseBack(db, again);
  expect(await renewLeases(db, [again], 60_000)).toEqual(new Set());
  expect(await claimTasks(db, connector, LIMITS)).toHaveLength(1);
});

test("of many who claim at once, one gets the task", async () => {
  const db = await testDb();
  const { connector } = await leaseOf(db);
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => claimTasks(db, connector, LIMITS)),
  );
  expect(claims.flat()).toHaveLength(1);
});

test("a page that takes long to commit is in the way of no other lease, nor of other connectors", async () => {
  const { db, connector, claimed } = await claim();
  const other = await leaseOf(db, "OTHER");
  const [second] = await claimTasks(db, other.connector, LIMITS);
  if (second === undefined) throw new Error("nothing was due");
  await db("connector_tasks").update({ leased_until: db.fn.now() });
  const trx = await db.transaction();
  expect(await holdLease(trx, claimed)).toBe(true);
  const both = new Set([claimed.task, second.task]);
  expect(await renewLeases(db, [claimed, second], 60_000)).toEqual(both);
  const renewed = await db("connector_tasks")
    .where("leased_until", ">", db.raw("now() + interval '30 s'"))
    .pluck("id");
  expect(renewed).toEqual([second.task]);
  expect(await claimTasks(db, connector, LIMITS)).toEqual([]);
  await trx.commit();
  expect(await claimTasks(db, connector, LIMITS)).toHaveLength(1);
});

test("a process that hangs in the middle of a commit is not waited for long", async () => {
  const { db, claimed } = await claim();
  const trx = await db.transaction();
  await holdLease(trx, claimed);
  const { rows } = await trx.raw("show idle_in_transaction_session_timeout");
  await trx.commit();
  expect(rows).toEqual([{ idle_in_transaction_session_timeout: "20s" }]);
});
