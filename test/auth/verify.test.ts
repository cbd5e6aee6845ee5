import { describe, expect, test } from "vitest";
import type { Auth } from "../../src/auth/auth.js";
import { testDb } from "../support/database.js";
import { SECOND, testClock } from "./clock.js";
import { logInPerson } from "./person.js";
import { attachScopes, CLIENT, defineScope, logIn, serve, startAuth } from "./startAuth.js";

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
      jti: expect.any(String),
      grant: null,
    },
  });
});

test("a person's token tells who it is and which client it came through", async () => {
  const db = await testDb();
  const auth = await startAuth(db);
  const { accessToken, userId } = await logInPerson(db);
  expect(await auth.verify(accessToken)).toMatchObject({
    value: { kind: "user", subject: userId, clientId: CLIENT.id, grant: expect.any(String) },
  });
});

describe("scopes:", () => {
  const scopesOf = async (auth: Auth, token: string) => {
    const verdict = await auth.verify(token);
    return verdict.ok ? verdict.value.scopes : expect.unreachable(verdict.failure.kind);
  };

  test("a token that carries scopes is held to them, also one of an unrestricted client", async () => {
    const auth = await startAuth(await testDb());
    expect(await scopesOf(auth, await tokenOf(auth, "ledger:read"))).toEqual(
      new Set(["ledger:read"]),
    );
  });

  test("a token for nothing is not one for everything", async () => {
    const db = await testDb();
    const auth = await startAuth(db);
    await attachScopes(db, "ledger:read");
    expect(await scopesOf(auth, await tokenOf(auth, "payments:read"))).toEqual(new Set());
  });

  test("attaching a scope restricts the tokens that are out", async () => {
    const db = await testDb();
    const clock = testClock();
    const auth = await startAuth(db, { clock: clock.now });
    const token = await tokenOf(auth);
    expect(await scopesOf(auth, token)).toBeNull();
    await attachScopes(db, "ledger:read");
    clock.offset += 2n * SECOND;
    expect(await scopesOf(auth, token)).toEqual(new Set(["ledger:read"]));
  });

  test("a scope that is detached stops working in the tokens that are out, of machines and people", async () => {
    const db = await testDb();
    const clock = testClock();
    const auth = await startAuth(db, { clock: clock.now });
    await attachScopes(db, "ledger:read", "payments:read");
    const scope = "ledger:read payments:read";
    const machine = await tokenOf(auth, scope);
    const { accessToken: person } = await logInPerson(db, { scope: `openid ${scope}` });
    expect(await scopesOf(auth, machine)).toEqual(new Set(scope.split(" ")));
    expect(await scopesOf(auth, person)).toEqual(new Set(["openid", ...scope.split(" ")]));
    await db("client_scopes")
      .where({ scope_id: await defineScope(db, "payments:read") })
      .delete();
    clock.offset += 2n * SECOND;
    expect(await scopesOf(auth, machine)).toEqual(new Set(["ledger:read"]));
    expect(await scopesOf(auth, person)).toEqual(new Set(["openid", "ledger:read"]));
  });

  test("a person's token counts what an attached scope implies", async () => {
    const db = await testDb();
    const auth = await startAuth(db);
    await attachScopes(db, "cashier");
    await db("transient_scopes").insert({
      scope_id: await defineScope(db, "cashier"),
      transient_scope_id: await defineScope(db, "ledger:read"),
    });
    const { accessToken } = await logInPerson(db, { scope: "ledger:read" });
    expect(await scopesOf(auth, accessToken)).toEqual(new Set(["ledger:read"]));
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

test("a token is believed for a moment without the database, and then no longer", async () => {
  const db = await testDb();
  const clock = testClock();
  const auth = await startAuth(db, { clock: clock.now });
  const token = await tokenOf(auth);
  await auth.verify(token);
  await db.raw("alter table clients rename to hidden");
  clock.offset += SECOND;
  expect(await auth.verify(token)).toMatchObject({ ok: true });
  clock.offset += SECOND;
  await expect(auth.verify(token)).rejects.toThrow();
  clock.offset = -3600n * SECOND;
  await expect(auth.verify(token)).rejects.toThrow();
});

test("however many show a token at once, the database is asked once", async () => {
  const db = await testDb();
  const clock = testClock();
  const auth = await startAuth(db, { clock: clock.now });
  const token = await tokenOf(auth);
  let asked = 0;
  db.on("query", ({ sql }: { sql: string }) => {
    if (sql.includes("revoked_tokens")) asked++;
  });
  const storm = () => Promise.all(Array.from({ length: 100 }, () => auth.verify(token)));
  expect(new Set((await storm()).map(({ ok }) => ok))).toEqual(new Set([true]));
  expect(asked).toBe(1);
  clock.offset += 2n * SECOND;
  await storm();
  expect(asked).toBe(2);
});

test("however many tokens are shown at once, the database is asked a few times", async () => {
  const db = await testDb();
  const clock = testClock();
  const auth = await startAuth(db, { clock: clock.now });
  const url = await serve(auth);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => logIn(url, {})));
  const storm = () => Promise.all(tokens.map((token) => auth.verify(token)));
  await storm();
  let asked = 0;
  db.on("query", ({ sql }: { sql: string }) => {
    if (sql.includes("revoked_tokens")) asked++;
  });
  clock.offset += 2n * SECOND;
  expect(new Set((await storm()).map(({ ok }) => ok))).toEqual(new Set([true]));
  // The first may be asked about alone, and all others while that goes on.
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(2);
});
