import { pino } from "pino";
import { expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import { fail } from "../../src/lib/result.js";
import { readConnectorConfig } from "../../src/payments/readConfig.js";
import { testDb } from "../support/database.js";
import { fakeConnector, install, paymentsOf } from "./fakeConnector.js";

const idle = fakeConnector([], async function* () {});

test("a secret is encrypted at rest and masked in answers, unless the operator shows it", async () => {
  const db = await testDb();
  const payments = paymentsOf(db, [idle]);
  await install(payments);
  const { sealed } = await db("connectors").first();
  expect(sealed.toString("latin1")).not.toContain("sk_test");
  expect(await readConnectorConfig(payments, "STRIPE")).toEqual({
    ok: true,
    value: { apiKey: "***6789" },
  });
  const open = paymentsOf(db, [idle], { showsSecrets: true });
  expect(await readConnectorConfig(open, "STRIPE")).toEqual({
    ok: true,
    value: { apiKey: "sk_test_0123456789" },
  });
});

test("a configuration that was sealed for another installation, or by another key, is not read", async () => {
  const db = await testDb();
  await install(paymentsOf(db, [idle]));
  const unreadable = { ok: false, failure: { kind: "config-unreadable", provider: "STRIPE" } };
  const other = paymentsOf(db, [idle], { encryptionKeys: [Buffer.alloc(32, 8)] });
  expect(await readConnectorConfig(other, "STRIPE")).toEqual(unreadable);
  await db("connectors").update({ id: "00000000-0000-4000-8000-000000000000" });
  const same = paymentsOf(db, [idle]);
  expect(await readConnectorConfig(same, "STRIPE")).toEqual(unreadable);
});

test.each([
  [
    "that the operator no longer allows",
    (db: Db) => db("connectors").where({ provider: "STRIPE" }),
  ],
  [
    "whose configuration cannot be read",
    (db: Db) =>
      db("connectors")
        .where({ provider: "STRIPE" })
        .update({ sealed: Buffer.alloc(40) }),
  ],
])("a connector %s rests, and the others run", async (what, spoil) => {
  const db = await testDb();
  let runs = 0;
  const task = [{ name: "tick", every: 10 }];
  const run = async function* () {
    runs++;
    yield {};
  };
  const payments = paymentsOf(db, [fakeConnector(task, run)]);
  await install(payments);
  await payments.close();
  await spoil(db);
  const before = runs;
  let others = 0;
  const parse = () => fail("endpoint is not allowed");
  const forbidden = fakeConnector(task, run, what.includes("operator") ? { parse } : {});
  const allowed = fakeConnector(
    task,
    async function* () {
      others++;
      yield {};
    },
    { provider: "WISE" },
  );
  const complaints: string[] = [];
  const logger = pino(
    { level: "warn" },
    { write: (line) => complaints.push(JSON.parse(line).msg) },
  );
  const restarted = paymentsOf(db, [forbidden, allowed], { logger });
  await install(restarted, "WISE");
  await expect.poll(() => others, { timeout: 10_000 }).toBeGreaterThan(20);
  expect(runs).toBe(before);
  expect(complaints).toEqual(["a connector cannot run"]);
});
