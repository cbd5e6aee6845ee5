import { expect, test } from "vitest";
import { createSecret } from "../../src/auth/createSecret.js";
import { deleteScope } from "../../src/auth/deleteScope.js";
import { detachScope } from "../../src/auth/detachScope.js";
import { insertClientScope } from "../../src/auth/store/clientScopes.js";
import { deleteClient, insertClient } from "../../src/auth/store/managedClients.js";
import { insertScope, replaceScope } from "../../src/auth/store/scopes.js";
import { insertTransientScope } from "../../src/auth/store/transientScopes.js";
import type { Db } from "../../src/db/database.js";
import { testDb } from "../support/database.js";
import { startManagement } from "./management.js";

const OPTIONS = {
  name: "some client",
  description: "",
  isPublic: false,
  isTrusted: false,
  redirectUris: [],
  postLogoutRedirectUris: [],
  metadata: {},
};
const pepper = Buffer.alloc(32, 7);
const named = { name: "some secret", metadata: {} };
const labelled = (label: string) => ({ label, metadata: {} });

/** A client that has these scopes, whose ids are their labels. */
async function makeClient(db: Db, clientId: string, ...labels: string[]): Promise<void> {
  await insertClient(db, clientId, OPTIONS);
  for (const label of labels) {
    await insertScope(db, label, labelled(label));
    await insertClientScope(db, { clientId, scopeId: label });
  }
}

const attached = (db: Db, clientId: string) =>
  db("client_scopes").where({ client_id: clientId }).pluck("scope_id");

/** Resolves when `work` waits for a lock, or is over. */
async function untilBlocked(db: Db, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const note = () => {
    isOver = true;
  };
  work.then(note, note);
  while (!isOver) {
    const { rows } = await db.raw(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows.length > 0) return;
  }
}

/** What each of `racers`, begun at once, came to: "ok" or the kind of its failure. */
async function race(racers: readonly Promise<{ ok: boolean; failure?: { kind: string } }>[]) {
  const results = await Promise.all(racers);
  return results.map((result) => result.failure?.kind ?? "ok").sort();
}

test("of ten that make a client of one id, one does", async () => {
  const db = await testDb();
  const racers = Array.from({ length: 10 }, () => insertClient(db, "shop", OPTIONS));
  expect(await race(racers)).toEqual([...Array(9).fill("client-id-taken"), "ok"]);
});

test("of ten that make or rename a scope to one label, one does", async () => {
  const db = await testDb();
  for (const id of ["1", "2", "3", "4", "5"]) await insertScope(db, id, labelled(id));
  const racers = ["1", "2", "3", "4", "5"].flatMap((id) => [
    insertScope(db, `new ${id}`, labelled("sell")),
    replaceScope(db, id, labelled("sell")),
  ]);
  expect(await race(racers)).toEqual([...Array(9).fill("label-taken"), "ok"]);
});

test("of the last two scopes of a client that are deleted at once, one stays", async () => {
  const db = await testDb();
  for (let round = 0; round < 10; round++) {
    const [client, sell, buy] = [`client ${round}`, `sell${round}`, `buy${round}`];
    await makeClient(db, client, sell, buy);
    const outcome = await race([deleteScope(db, sell), deleteScope(db, buy)]);
    expect(outcome).toEqual(["ok", "only-scope"]);
    expect(await attached(db, client)).toHaveLength(1);
  }
});

test("a scope that becomes a client's only one while it is being deleted stays", async () => {
  const db = await testDb();
  await makeClient(db, "shop", "sell", "buy");
  const trx = await db.transaction();
  await detachScope(trx, { clientId: "shop", scopeId: "buy" });
  const deleting = deleteScope(db, "sell");
  await untilBlocked(db, deleting);
  await trx.commit();
  expect(await deleting).toMatchObject({ failure: { kind: "only-scope", clientId: "shop" } });
  expect(await attached(db, "shop")).toEqual(["sell"]);
});

test("a scope that is attached while it is being deleted is either, never half", async () => {
  const db = await testDb();
  await makeClient(db, "shop");
  for (let round = 0; round < 20; round++) {
    const scopeId = `sell${round}`;
    await insertScope(db, scopeId, labelled(scopeId));
    const link = { clientId: "shop", scopeId };
    const outcome = await race([insertClientScope(db, link), deleteScope(db, scopeId)]);
    expect([
      ["ok", "scope-not-found"],
      ["ok", "only-scope"],
    ]).toContainEqual(outcome);
    expect(await attached(db, "shop")).toEqual(outcome.includes("only-scope") ? [scopeId] : []);
    await detachScope(db, link);
  }
});

test("links to what is being deleted are made and lost, or refused", async () => {
  const db = await testDb();
  for (let round = 0; round < 10; round++) {
    const [clientId, scopeId, transientScopeId] = [`c${round}`, `sell${round}`, `buy${round}`];
    await makeClient(db, clientId);
    for (const id of [scopeId, transientScopeId]) await insertScope(db, id, labelled(id));
    const [linked] = await Promise.all([
      race([insertClientScope(db, { clientId, scopeId })]),
      race([insertTransientScope(db, { scopeId, transientScopeId })]),
      race([createSecret(db, pepper, clientId, named)]),
      deleteClient(db, clientId),
      deleteScope(db, transientScopeId),
    ]);
    expect([["ok"], ["client-not-found"]]).toContainEqual(linked);
  }
  for (const table of ["clients", "client_scopes", "client_secrets", "transient_scopes"]) {
    expect(await db(table), table).toEqual([]);
  }
});

test("of ten that make a client's hundredth secret, one does", async () => {
  const db = await testDb();
  await makeClient(db, "shop");
  for (let number = 1; number < 100; number++) await createSecret(db, pepper, "shop", named);
  const racers = Array.from({ length: 10 }, () => createSecret(db, pepper, "shop", named));
  expect(await race(racers)).toEqual(["ok", ...Array(9).fill("too-many-secrets")]);
});

test("a write that PostgreSQL gives up for the sake of another is repeated", async () => {
  const { app, send, makeScope } = await startManagement();
  const scopeId = await makeScope("sell");
  const trx = await app.db.transaction();
  await trx("scopes").where({ id: scopeId }).forUpdate();
  // It has the client's row, and waits for that of the scope: the longest, so it is given up.
  const attaching = send(`PUT /clients/${app.clientId}/scopes/${scopeId}`);
  await untilBlocked(app.db, attaching);
  await trx("clients").where({ id: app.clientId }).forUpdate();
  await trx.commit();
  expect((await attaching).status).toBe(204);
});
