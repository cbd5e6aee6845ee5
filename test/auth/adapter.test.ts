import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { oidcAdapter } from "../../src/auth/oidc/adapter.js";
import { deleteExpiredRecords } from "../../src/auth/store/oidcRecords.js";
import { testDb } from "../support/database.js";

const older = randomBytes(32);
const payload = { jti: "code-1", grantId: "grant-1", uid: "session-1", accountId: "maria" };

test("a record is found by its id and by its uid, until it is destroyed", async () => {
  const codes = oidcAdapter(await testDb(), [older], "AuthorizationCode");
  await codes.upsert("code-1", payload, 60);
  expect(await codes.find("code-1")).toEqual(payload);
  expect(await codes.findByUid("session-1")).toEqual(payload);
  expect(await codes.find("code-2")).toBeUndefined();
  await codes.destroy("code-1");
  expect(await codes.find("code-1")).toBeUndefined();
});

test("kinds neither see nor destroy one another's records", async () => {
  const db = await testDb();
  const codes = oidcAdapter(db, [older], "AuthorizationCode");
  const tokens = oidcAdapter(db, [older], "RefreshToken");
  await codes.upsert("code-1", payload, 60);
  expect(await tokens.find("code-1")).toBeUndefined();
  await tokens.destroy("code-1");
  expect(await codes.find("code-1")).toEqual(payload);
});

test("a record written again is replaced", async () => {
  const sessions = oidcAdapter(await testDb(), [older], "Session");
  await sessions.upsert("session-1", payload, 60);
  await sessions.upsert("session-1", { ...payload, accountId: "nadia" }, 60);
  expect(await sessions.find("session-1")).toMatchObject({ accountId: "nadia" });
});

test("a consumed record says when, also after it is written again", async () => {
  const tokens = oidcAdapter(await testDb(), [older], "RefreshToken");
  await tokens.upsert("token-1", payload, 60);
  await tokens.consume("token-1");
  await tokens.upsert("token-1", payload, 60);
  const { consumed } = (await tokens.find("token-1")) ?? {};
  expect(Number(consumed)).toBeGreaterThan(Date.now() / 1000 - 60);
});

test("revoking a grant takes all its records, and no others", async () => {
  const tokens = oidcAdapter(await testDb(), [older], "RefreshToken");
  await tokens.upsert("token-1", payload, 60);
  await tokens.upsert("token-2", { ...payload, grantId: "grant-2" }, 60);
  await tokens.revokeByGrantId("grant-1");
  expect(await tokens.find("token-1")).toBeUndefined();
  expect(await tokens.find("token-2")).toBeDefined();
});

test("an expired record is not found, and is purged; others stay", async () => {
  const db = await testDb();
  const codes = oidcAdapter(db, [older], "AuthorizationCode");
  await codes.upsert("over", payload, 60);
  await db("oidc_records").update({ expires_at: db.raw("now() - interval '1 second'") });
  await codes.upsert("live", payload, 60);
  await codes.upsert("for ever", payload);
  expect(await codes.find("over")).toBeUndefined();
  expect(await db("oidc_records")).toHaveLength(3);
  await deleteExpiredRecords(db);
  expect(await db("oidc_records")).toHaveLength(2);
  expect(await codes.find("live")).toEqual(payload);
  expect(await codes.find("for ever")).toEqual(payload);
});

test("a copy of the table shows neither ids nor content", async () => {
  const db = await testDb();
  await oidcAdapter(db, [older], "RefreshToken").upsert(
    "token-1",
    { jti: "token-1", accountId: "maria" },
    60,
  );
  const { rows } = await db.raw(
    "select encode(id_hash, 'escape') || encode(sealed, 'escape') || r::text as line from oidc_records r",
  );
  expect(rows[0].line).not.toMatch(/token-1|maria/);
});

test("a record of a dropped encryption key is as good as gone", async () => {
  const db = await testDb();
  const newer = randomBytes(32);
  await oidcAdapter(db, [older], "Session").upsert("session-1", payload, 60);
  expect(await oidcAdapter(db, [newer, older], "Session").find("session-1")).toEqual(payload);
  expect(await oidcAdapter(db, [newer], "Session").find("session-1")).toBeUndefined();
});

test("a record moved to another id does not open", async () => {
  const db = await testDb();
  const sessions = oidcAdapter(db, [older], "Session");
  await sessions.upsert("victim", payload, 60);
  await sessions.upsert("thief", { jti: "thief" }, 60);
  await db.raw(
    `update oidc_records set sealed = (select sealed from oidc_records where uid is not null) where uid is null`,
  );
  expect(await sessions.find("thief")).toBeUndefined();
});
