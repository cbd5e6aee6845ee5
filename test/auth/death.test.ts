import { createClient } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { putRevokedToken } from "../../src/auth/store/revokedTokens.js";
import type { Db } from "../../src/db/database.js";
import { startTestApp } from "../support/app.js";
import { testDb } from "../support/database.js";
import { rpcWires } from "../support/rpcs.js";
import { SECOND, testClock } from "./clock.js";
import { logInPerson } from "./person.js";
import { CLIENT, logIn, serve, startAuth } from "./startAuth.js";

const good = { ok: true };
const deleted = { ok: false, failure: { kind: "client-deleted", clientId: CLIENT.id } };
const revoked = { ok: false, failure: { kind: "token-revoked" } };

const deleteClient = (db: Db) => db("clients").where({ id: CLIENT.id }).delete();

test("a token dies when it expires, seen before or not", async () => {
  const clock = testClock();
  const auth = await startAuth(await testDb(), { clock: clock.now });
  const root = await serve(auth);
  const [seen, unseen] = [await logIn(root), await logIn(root)];
  expect(await auth.verify(seen)).toMatchObject(good);
  clock.offset = 3595n * SECOND;
  expect(await auth.verify(seen)).toMatchObject(good);
  clock.offset = 3601n * SECOND;
  const expired = { ok: false, failure: { kind: "token-expired" } };
  expect(await auth.verify(seen)).toEqual(expired);
  expect(await auth.verify(unseen)).toEqual(expired);
});

describe("within five seconds a token dies in every process", () => {
  interface Victim {
    readonly db: Db;
    /** The id of the token, and when it would have expired. */
    readonly token: { readonly jti: string; readonly expiresAt: bigint };
    /** Ends the login that a person's token came of. */
    logOut(): Promise<void>;
  }

  /** What another process makes of a token that it had just found good, five seconds after `kill`. */
  async function fate(whose: "machine" | "person", kill: (victim: Victim) => Promise<unknown>) {
    const db = await testDb();
    const clock = testClock();
    const here = await startAuth(db);
    const there = await startAuth(db, { clock: clock.now });
    const person = await logInPerson(db);
    const text = whose === "person" ? person.accessToken : await logIn(await serve(here));
    const verdict = await there.verify(text);
    if (!verdict.ok) expect.unreachable(verdict.failure.kind);
    await kill({ db, token: verdict.value, logOut: person.logOut });
    clock.offset += 5n * SECOND;
    return there.verify(text);
  }

  test("with its client", async () => {
    expect(await fate("machine", ({ db }) => deleteClient(db))).toEqual(deleted);
    expect(await fate("person", ({ db }) => deleteClient(db))).toEqual(deleted);
  });

  test("with its client, even if another one comes under the same id", async () => {
    const replace = ({ db }: Victim) =>
      db("clients").update({ created_at: db.raw("created_at + interval '1 hour'") });
    expect(await fate("machine", replace)).toEqual(deleted);
    expect(await fate("person", replace)).toEqual(deleted);
  });

  test("when it is revoked", async () => {
    const revoke = ({ db, token }: Victim) => putRevokedToken(db, token);
    expect(await fate("machine", revoke)).toEqual(revoked);
    expect(await fate("person", revoke)).toEqual(revoked);
  });

  test("a person's, with the login that it came of", async () => {
    expect(await fate("person", ({ logOut }) => logOut())).toEqual(revoked);
    const expire = ({ db }: Victim) =>
      db("oidc_records").where({ kind: "Grant" }).update({ expires_at: db.fn.now() });
    expect(await fate("person", expire)).toEqual(revoked);
  });

  test("a machine's, when its client becomes public; a person's lives on", async () => {
    const publish = ({ db }: Victim) => db("clients").update({ public: true });
    expect(await fate("machine", publish)).toEqual(revoked);
    expect(await fate("person", publish)).toMatchObject(good);
  });
});

describe("at once, where it was killed, a token dies", () => {
  test("if it is meant; others are believed a little longer", async () => {
    const db = await testDb();
    const auth = await startAuth(db);
    const token = await logIn(await serve(auth));
    expect(await auth.verify(token)).toMatchObject(good);
    await deleteClient(db);
    auth.forget(({ clientId }) => clientId === "bank");
    expect(await auth.verify(token)).toMatchObject(good);
    auth.forget(({ clientId }) => clientId === CLIENT.id);
    expect(await auth.verify(token)).toEqual(deleted);
  });

  test("though an answer from before was still on its way", async () => {
    const db = await testDb();
    const auth = await startAuth(db);
    const token = await logIn(await serve(auth));
    const later: Promise<unknown>[] = [];
    const forgetOnAnswer = (_response: unknown, { sql }: { sql: string }) => {
      if (!sql.includes("revoked_tokens")) return;
      db.off("query-response", forgetOnAnswer);
      auth.forget(() => true);
      later.push(deleteClient(db).then(() => auth.verify(token)));
    };
    db.on("query-response", forgetOnAnswer);
    expect(await auth.verify(token)).toMatchObject(good);
    expect(await Promise.all(later)).toEqual([deleted]);
  });

  test("for whoever comes while an answer from before is still on its way", async () => {
    const db = await testDb();
    const auth = await startAuth(db);
    const token = await logIn(await serve(auth));
    let asked = 0;
    db.on("query", ({ sql }: { sql: string }) => {
      if (sql.includes("revoked_tokens")) asked++;
    });
    const first = auth.verify(token);
    await vi.waitFor(() => expect(asked).toBe(1), { interval: 0 });
    auth.forget(() => true);
    await Promise.all([first, auth.verify(token), auth.verify(token)]);
    expect(asked).toBe(2);
  });

  test("and the streams that run on it end, on every wire", async () => {
    const app = await startTestApp();
    for (const [name, wire] of Object.entries(rpcWires(app.url))) {
      const token = await app.token();
      const ledger = createClient(LedgerService, wire);
      const headers = { Authorization: `Bearer ${token}` };
      await ledger.createTransaction(
        {
          ledger: "main",
          transaction: {
            postings: [{ source: "world", destination: "users:1", asset: "EUR/2", amount: "1" }],
          },
        },
        { headers },
      );
      // The look that every stream takes now and then does not come.
      vi.useFakeTimers({ toFake: ["setTimeout"] });
      const logs = ledger.watchLogs({ ledger: "main" }, { headers })[Symbol.asyncIterator]();
      await logs.next();
      const end = (async () => {
        while (!(await logs.next()).done);
      })();
      await fetch(`${app.url}/api/auth/revoke`, {
        method: "POST",
        body: new URLSearchParams({
          client_id: app.clientId,
          client_secret: app.clientSecret,
          token,
        }),
      });
      await expect(end, name).rejects.toThrow("[unauthenticated] the access token was revoked");
      vi.useRealTimers();
    }
  });
});
