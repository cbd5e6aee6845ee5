import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { decodeProtectedHeader, SignJWT } from "jose";
import { expect, test } from "vitest";
import type { Auth } from "../../src/auth/auth.js";
import { loadAuthKeys } from "../../src/auth/keys/authKeys.js";
import { rotateKeys } from "../../src/auth/keys/rotateKeys.js";
import { oidcAdapter } from "../../src/auth/oidc/adapter.js";
import { purge } from "../../src/auth/purge.js";
import { putRevokedToken } from "../../src/auth/store/revokedTokens.js";
import type { Db } from "../../src/db/database.js";
import { systemClock } from "../../src/lib/time.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { waiting } from "../support/waiting.js";
import { ENCRYPTION_KEY, logIn, serve, startAuth, startBareAuth } from "./startAuth.js";

const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** A token that names a key nobody has. */
const strangersToken = () =>
  new SignJWT()
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: randomUUID() })
    .sign(stranger.privateKey);

const rotate = (db: Db, revokeOld = false) => rotateKeys(db, [ENCRYPTION_KEY], { revokeOld });

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

/** Ids of the published keys. */
async function kidsAt(root: string): Promise<string[]> {
  const { keys } = (await (await fetch(`${root}/keys`)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

/** As if `seconds` had passed since the keys were made and retired. */
const age = (db: Db, seconds: number) =>
  db.raw(
    `update auth_keys set
       created_at = created_at - make_interval(secs => :seconds),
       retired_at = retired_at - make_interval(secs => :seconds)`,
    { seconds },
  );

/** Lets `auth` look at the keys before its time has come. */
const lookAtKeys = async (auth: Auth) => auth.verify(await strangersToken());

test("a new key is published by every process before it signs, and the old one still verifies", async () => {
  const db = await testDb();
  const auths = [await startAuth(db), await startAuth(db)] as const;
  const roots = await Promise.all(auths.map((auth) => serve(auth)));
  const [root = ""] = roots;
  const before = await logIn(root);
  const { kid, signFrom } = await rotate(db);
  expect(Number(signFrom) - Number(systemClock())).toBeGreaterThan(5_000_000);

  await eventually(async () => {
    for (const each of roots) expect(await kidsAt(each)).toEqual([kidOf(before), kid]);
  });
  expect(kidOf(await logIn(root))).toBe(kidOf(before));

  await age(db, 10);
  await eventually(async () => expect(kidOf(await logIn(root))).toBe(kid));
  const after = await logIn(root);
  for (const auth of auths) {
    expect(await auth.verify(before)).toMatchObject({ ok: true });
    expect(await auth.verify(after)).toMatchObject({ ok: true });
  }
});

test("a token signed with a key that this process has not heard of yet is good at once", async () => {
  const db = await testDb();
  const [one, other] = [await startAuth(db), await startAuth(db)];
  const root = await serve(one);
  const { kid } = await rotate(db, true);
  await lookAtKeys(one);
  const token = await logIn(root);
  expect(kidOf(token)).toBe(kid);
  expect(await other.verify(token)).toMatchObject({ ok: true });
});

test("what a revoked key has signed dies soon in every process, and streams are told", async () => {
  const db = await testDb();
  const auths = [await startAuth(db), await startAuth(db)];
  const token = await logIn(await serve(auths[0] as Auth));
  const told: Auth[] = [];
  for (const auth of auths) {
    const verdict = await auth.verify(token);
    if (!verdict.ok) throw new Error(verdict.failure.kind);
    auth.onForget(verdict.value, () => told.push(auth));
  }
  const { kid, signFrom } = await rotate(db, true);
  expect(signFrom).toBeNull();
  await eventually(async () => {
    for (const auth of auths) {
      expect(await auth.verify(token)).toMatchObject({ failure: { kind: "token-invalid" } });
    }
  });
  expect(new Set(told)).toEqual(new Set(auths));
  const root = await serve(auths[1] as Auth);
  expect(kidOf(await logIn(root))).toBe(kid);
  expect(await kidsAt(root)).toEqual([kid]);
});

test("of rotations at once, each makes a key, and one is in use", async () => {
  const db = await testDb();
  await startAuth(db);
  const blocker = await db.transaction();
  await blocker("auth_keys").forUpdate();
  const rotations = Promise.all([rotate(db), rotate(db), rotate(db)]);
  await eventually(async () => expect(await waiting(db)).toBe(3));
  await blocker.commit();
  const kids = (await rotations).map(({ kid }) => kid);
  const [inUse, ...others] = await db("auth_keys")
    .where({ purpose: "tokens", retired_at: null })
    .pluck("id");
  expect(kids).toContain(inUse);
  expect(others).toEqual([]);
  await age(db, 10);
  const { signing } = await loadAuthKeys(db, [ENCRYPTION_KEY]);
  expect(signing).toHaveLength(4);
  expect(signing[0]?.kid).toBe(inUse);
});

test("of keys that not everybody knows yet, the one that has signed so far goes on", async () => {
  const db = await testDb();
  await startAuth(db);
  const [first] = (await loadAuthKeys(db, [ENCRYPTION_KEY])).signing;
  await rotate(db);
  await rotate(db);
  expect((await loadAuthKeys(db, [ENCRYPTION_KEY])).signing[0]?.kid).toBe(first?.kid);
});

test("cookie keys rotate too, and what client secrets are hashed with stays", async () => {
  const db = await testDb();
  await startAuth(db);
  const before = await loadAuthKeys(db, [ENCRYPTION_KEY]);
  await rotate(db);
  await age(db, 10);
  const after = await loadAuthKeys(db, [ENCRYPTION_KEY]);
  expect(after.cookies).toEqual([expect.any(String), ...before.cookies]);
  expect(after.pepper).toEqual(before.pepper);
  await rotate(db, true);
  const revoked = await loadAuthKeys(db, [ENCRYPTION_KEY]);
  expect(revoked.cookies).toHaveLength(1);
  expect(after.cookies).not.toContain(revoked.cookies[0]);
});

test("a rotation under another encryption key is refused, and changes nothing", async () => {
  const db = await testDb();
  await startAuth(db);
  const before = await db("auth_keys").orderBy("id");
  const rotation = rotateKeys(db, [randomBytes(32)], { revokeOld: true });
  await expect(rotation).rejects.toThrow(/ENCRYPTION_KEY/);
  expect(await db("auth_keys").orderBy("id")).toEqual(before);
});

test("tokens with made-up keys do not cost a query each", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const tokens = await Promise.all(Array.from({ length: 200 }, strangersToken));
  let queries = 0;
  db.on("query", () => queries++);
  const [first = "", ...others] = tokens;
  expect(await auth.verify(first)).toMatchObject({ failure: { kind: "token-invalid" } });
  expect(queries).toBeGreaterThan(0);
  await Promise.all(others.slice(100).map(auth.verify));
  for (const token of others.slice(0, 100)) await auth.verify(token);
  expect(queries).toBeLessThan(20);
});

test("a failing look at the keys ends nothing: the next one finds what is new", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const root = await serve(auth);
  const { kid } = await rotate(db);
  await db.raw("alter table auth_keys rename to hidden");
  await expect(lookAtKeys(auth)).rejects.toThrow();
  expect(await kidsAt(root)).toHaveLength(1);
  await db.raw("alter table hidden rename to auth_keys");
  await eventually(async () => expect(await kidsAt(root)).toContain(kid));
});

test("keys are purged when all that they signed is over, and no sooner", async () => {
  const db = await testDb();
  await startAuth(db);
  await rotate(db);
  await age(db, 24 * 3600 - 60);
  await purge(db);
  expect(await db("auth_keys")).toHaveLength(5);
  await age(db, 61);
  await purge(db);
  expect(await db("auth_keys").orderBy("purpose").pluck("purpose")).toEqual([
    "cookies",
    "secrets",
    "tokens",
  ]);
});

test("logins and revocations are purged when they are over, and no sooner", async () => {
  const db = await testDb();
  const sessions = oidcAdapter(db, [ENCRYPTION_KEY], "Session");
  await sessions.upsert("live", { uid: "live" }, 60);
  await sessions.upsert("over", { uid: "over" }, 0);
  await putRevokedToken(db, { jti: "live", expiresAt: systemClock() });
  await putRevokedToken(db, { jti: "over", expiresAt: systemClock() - 3600n * 1_000_000n });
  await purge(db);
  expect(await db("oidc_records").pluck("uid")).toEqual(["live"]);
  expect(await db("revoked_tokens").pluck("jti")).toEqual(["live"]);
});

test("whoever has lost the encryption key gets in again, after deleting what it guarded", async () => {
  const db = await testDb();
  const lost = { encryptionKeys: [randomBytes(32)] as const };
  const token = await logIn(await serve(await startBareAuth(db, lost)));
  await db("auth_keys").delete();
  await db("oidc_records").delete();
  const auth = await startBareAuth(db);
  expect(await auth.verify(token)).toMatchObject({ failure: { kind: "token-invalid" } });
  expect(await auth.verify(await logIn(await serve(auth)))).toMatchObject({ ok: true });
});
