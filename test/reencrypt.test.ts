import { randomBytes } from "node:crypto";
import { beforeEach, expect, test, vi } from "vitest";
import { oidcAdapter } from "../src/auth/oidc/adapter.js";
import type { Db } from "../src/db/database.js";
import { reencrypt } from "../src/db/reencrypt.js";
import type { EncryptionKeys } from "../src/lib/encrypt.js";
import { testDb } from "./support/database.js";
import { waiting } from "./support/waiting.js";

const [older, newer] = [randomBytes(32), randomBytes(32)];
const table = { name: "oidc_records", key: ["kind", "id_hash"] };

let db: Db;
beforeEach(async () => {
  db = await testDb();
});

const sessions = (...keys: EncryptionKeys) => oidcAdapter(db, keys, "Session");

const remember = (key: Buffer, id: string, accountId = "maria") =>
  sessions(key).upsert(id, { accountId }, 600);

test("every value comes under the first key, however many there are, and doing it again does nothing", async () => {
  const ids = Array.from({ length: 230 }, (_, index) => `session-${index}`);
  await Promise.all(ids.map((id) => remember(older, id, id)));
  await remember(newer, "new", "new");
  expect(await reencrypt(db, [newer, older], table)).toEqual({ resealed: 230, unreadable: 0 });
  for (const id of [...ids, "new"]) {
    expect(await sessions(newer).find(id)).toEqual({ accountId: id });
    expect(await sessions(older).find(id)).toBeUndefined();
  }
  expect(await reencrypt(db, [newer, older], table)).toEqual({ resealed: 0, unreadable: 0 });
});

test("a value that a server writes meanwhile is not overwritten with what it was", async () => {
  await remember(older, "session-1");
  const trx = await db.transaction();
  await oidcAdapter(trx, [newer, older], "Session").upsert("session-1", { accountId: "nadia" });
  const reencrypted = reencrypt(db, [newer, older], table);
  await vi.waitFor(async () => expect(await waiting(db)).toBe(1), { timeout: 15_000 });
  await trx.commit();
  expect(await reencrypted).toEqual({ resealed: 0, unreadable: 0 });
  expect(await sessions(newer).find("session-1")).toEqual({ accountId: "nadia" });
});

test("a server that goes on writing under another key is told of, instead of chased for ever", async () => {
  await remember(older, "session-1");
  await db.raw(`
    create function keep_old() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger keep_old before update on oidc_records for each row execute function keep_old()`);
  await expect(reencrypt(db, [newer, older], table)).rejects.toThrow(/has that key first/);
});

test("what no key opens is counted, and does not keep the rest from being done", async () => {
  await remember(randomBytes(32), "lost");
  await remember(older, "session-1");
  expect(await reencrypt(db, [newer, older], table)).toEqual({ resealed: 1, unreadable: 1 });
  expect(await sessions(newer).find("session-1")).toEqual({ accountId: "maria" });
});
