import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { grantClaimOf, oidcAdapter } from "../../src/auth/oidc/adapter.js";
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

test("a record that was found and has been deleted since is not made anew", async () => {
  const sessions = oidcAdapter(await testDb(), [older], "Session");
  await sessions.upsert("session-1", payload, 60);
  await sessions.upsert("session-1", { ...payload, accountId: "nadia", isFound: true }, 60);
  expect(await sessions.find("session-1")).toEqual({ ...payload, accountId: "nadia" });
  await sessions.destroy("session-1");
  const late = sessions.upsert("session-1", { ...payload, isFound: true }, 60);
  await expect(late).rejects.toMatchObject({ error: "login_required" });
  expect(await sessions.find("session-1")).toBeUndefined();
});

test("a session ends with its grants and all that came of them, and with no others", async () => {
  const db = await testDb();
  const ended: string[] = [];
  const of = (kind: string) => oidcAdapter(db, [older], kind, (grant) => ended.push(grant));
  const [sessions, grants, codes] = [of("Session"), of("Grant"), of("AuthorizationCode")];
  for (const uid of ["one", "two"]) {
    await sessions.upsert(uid, { uid }, 60);
    for (const grantId of [`${uid}.a`, `${uid}.b`]) {
      await grants.upsert(grantId, { uid }, 60);
      await codes.upsert(grantId, { grantId }, 60);
    }
  }
  await sessions.endSession("one");
  expect(ended.sort()).toEqual([grantClaimOf("one.a"), grantClaimOf("one.b")].sort());
  expect([
    await sessions.find("one"),
    await grants.find("one.a"),
    await codes.find("one.b"),
  ]).toEqual([undefined, undefined, undefined]);
  expect([
    await sessions.find("two"),
    await grants.find("two.a"),
    await codes.find("two.b"),
  ]).toEqual([{ uid: "two" }, { uid: "two" }, { grantId: "two.b" }]);
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

test("of many that use a record at once, one does, and the grant of all of it dies", async () => {
  const db = await testDb();
  const revoked: string[] = [];
  const adapterOf = (kind: string) =>
    oidcAdapter(db, [older], kind, (grant) => void revoked.push(grant));
  const [grants, tokens] = [adapterOf("Grant"), adapterOf("RefreshToken")];
  await grants.upsert("grant-1", { jti: "grant-1" }, 60);
  await grants.upsert("grant-2", { jti: "grant-2" }, 60);
  await tokens.upsert("token-1", payload, 60);
  const uses = await Promise.allSettled(Array.from({ length: 8 }, () => tokens.consume("token-1")));
  expect(uses.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const use of uses) {
    if (use.status === "rejected") expect(use.reason).toMatchObject({ error: "invalid_grant" });
  }
  expect(await tokens.find("token-1")).toBeUndefined();
  expect(await grants.find("grant-1")).toBeUndefined();
  expect(await grants.find("grant-2")).toBeDefined();
  expect(revoked).toEqual([grantClaimOf("grant-1")]);
});

test("who ends a grant twice is told of it once", async () => {
  const db = await testDb();
  const revoked: string[] = [];
  const grants = oidcAdapter(db, [older], "Grant", (grant) => void revoked.push(grant));
  await grants.upsert("grant-1", { jti: "grant-1" }, 60);
  await grants.destroy("grant-1");
  await grants.destroy("grant-1");
  expect(revoked).toEqual([grantClaimOf("grant-1")]);
});

test("what belongs to a client goes with it, and none is kept for one that is gone", async () => {
  const db = await testDb();
  await db("clients").insert({ id: "shop", name: "" });
  const kept = { ...payload, clientId: "shop" };
  const [codes, interactions] = ["AuthorizationCode", "Interaction"].map((kind) =>
    oidcAdapter(db, [older], kind),
  );
  await codes?.upsert("code-1", kept, 60);
  await interactions?.upsert("login-1", { jti: "login-1", params: { client_id: "shop" } }, 60);
  await db("clients").where({ id: "shop" }).delete();
  expect(await db("oidc_records")).toEqual([]);
  await expect(codes?.upsert("code-1", kept, 60)).rejects.toMatchObject({ error: "invalid_grant" });
});
