import { describe, expect, test } from "vitest";
import type { Auth } from "../../src/auth/auth.js";
import { systemClock } from "../../src/lib/time.js";
import { testDb } from "../support/database.js";
import { attachScopes, CLIENT, logIn, serve, startAuth } from "./startAuth.js";

const SECOND = 1_000_000n;

/** A clock that a test moves. */
function testClock() {
  const clock = { offset: 0n, now: () => systemClock() + clock.offset };
  return clock;
}

const tokenOf = async (auth: Auth, scope?: string): Promise<string> =>
  logIn(await serve(auth), scope === undefined ? {} : { scope });

test("a token tells who calls, until when and what it may do", async () => {
  const auth = await startAuth(await testDb());
  expect(await auth.verify(await tokenOf(auth))).toEqual({
    ok: true,
    value: {
      kind: "client",
      subject: CLIENT.id,
      clientId: CLIENT.id,
      scopes: null,
      expiresAt: expect.any(BigInt),
    },
  });
});

test("a token that carries scopes is held to them, also one of an unrestricted client", async () => {
  const auth = await startAuth(await testDb());
  expect(await auth.verify(await tokenOf(auth, "ledger:read"))).toMatchObject({
    value: { scopes: new Set(["ledger:read"]) },
  });
});

test("a token for nothing is not one for everything", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  await attachScopes(db, "ledger:read");
  expect(await auth.verify(await tokenOf(auth, "payments:read"))).toMatchObject({
    value: { scopes: new Set() },
  });
});

test("attaching a scope restricts the tokens that are out", async () => {
  const db = await testDb();
  const clock = testClock();
  const auth = await startAuth(db, { clock: clock.now });
  const token = await tokenOf(auth);
  expect(await auth.verify(token)).toMatchObject({ value: { scopes: null } });
  await attachScopes(db, "ledger:read");
  clock.offset += 3n * SECOND;
  expect(await auth.verify(token)).toMatchObject({ value: { scopes: new Set(["ledger:read"]) } });
});

describe("a token dies", () => {
  test("when it expires, seen before or not", async () => {
    const db = await testDb();
    const clock = testClock();
    const auth = await startAuth(db, { clock: clock.now });
    const [seen, unseen] = [await tokenOf(auth), await tokenOf(auth)];
    expect(await auth.verify(seen)).toMatchObject({ ok: true });
    clock.offset = 3595n * SECOND;
    expect(await auth.verify(seen)).toMatchObject({ ok: true });
    clock.offset = 3601n * SECOND;
    const expired = { ok: false, failure: { kind: "token-expired" } };
    expect(await auth.verify(seen)).toEqual(expired);
    expect(await auth.verify(unseen)).toEqual(expired);
  });

  test("with its client, within five seconds and in every process", async () => {
    const db = await testDb();
    const clock = testClock();
    const auth = await startAuth(db, { clock: clock.now });
    const token = await tokenOf(auth);
    expect(await auth.verify(token)).toMatchObject({ ok: true });
    await db("clients").where({ id: CLIENT.id }).delete();
    clock.offset += 3n * SECOND;
    const gone = { ok: false, failure: { kind: "client-deleted", clientId: CLIENT.id } };
    expect(await auth.verify(token)).toEqual(gone);
    expect(await auth.verify(token)).toEqual(gone);
  });

  test("with its client, even if another one comes under the same id", async () => {
    const db = await testDb();
    const auth = await startAuth(db);
    const token = await tokenOf(auth);
    const anHourLater = db.raw("created_at + interval '1 hour'");
    await db("clients").where({ id: CLIENT.id }).update({ created_at: anHourLater });
    expect(await auth.verify(token)).toMatchObject({ failure: { kind: "client-deleted" } });
  });

  test("with its client at once, where the client was deleted", async () => {
    const db = await testDb();
    const auth = await startAuth(db);
    const token = await tokenOf(auth);
    expect(await auth.verify(token)).toMatchObject({ ok: true });
    await db("clients").where({ id: CLIENT.id }).delete();
    auth.forget(CLIENT.id);
    expect(await auth.verify(token)).toMatchObject({ failure: { kind: "client-deleted" } });
  });
});

test("a failing database refuses no token for longer than it fails", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const token = await tokenOf(auth);
  await db.raw("alter table clients rename to hidden");
  await expect(auth.verify(token)).rejects.toThrow();
  await db.raw("alter table hidden rename to clients");
  expect(await auth.verify(token)).toMatchObject({ ok: true });
});
