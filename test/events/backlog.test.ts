import { expect, test } from "vitest";
import type { Db } from "../../src/db/database.js";
import type { Pending } from "../../src/events/source.js";
import { giveLeaseBack, takeLease } from "../../src/events/store/cursors.js";
import { ledgerEvents } from "../../src/ledger/events/ledgerEvents.js";
import { testDb } from "../support/database.js";

const BACKLOG = 20_000;

/** A ledger whose events all wait, written past it; PostgreSQL has not yet counted its rows. */
async function ledgerWithBacklog(): Promise<Db> {
  const db = await testDb();
  await db.raw(`/* test */
    insert into ledgers (id, name, next_txid, next_log, next_event)
      values (1, 'main', ${BACKLOG}, ${BACKLOG}, ${BACKLOG});
    insert into logs (ledger, id, date, hash, metadata, txid, postings, volumes)
      select 1, id, now(), sha256(id::text::bytea), '{}', id,
        '[["world", "users:1", "COIN", "1"]]', '[["world", "COIN", "0", "0"], ["users:1", "COIN", "0", "0"]]'
      from generate_series(0, ${BACKLOG - 1}) as id;
    insert into outbox (ledger, id, date, events)
      select 1, id, now(), '[["C",' || id || ',' || id || ']]' from generate_series(0, ${BACKLOG - 1}) as id;
    insert into sinks (name) values ('slow'), ('swift')`);
  return db;
}

/** Rows of logs and outbox that `work` takes from the tables, to keep or to drop. */
const rowsTouched = (db: Db, work: (trx: Db) => Promise<unknown>): Promise<number> =>
  db.transaction(async (trx) => {
    const count = async () => {
      const { rows } = await trx.raw(`
        select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as count
        from pg_stat_xact_user_tables where relname in ('logs', 'outbox')`);
      return rows[0].count;
    };
    const before = await count();
    await work(trx);
    return (await count()) - before;
  });

test("the next events are read without touching the thousands behind them", async () => {
  const db = await ledgerWithBacklog();
  let read = 0;
  const touched = await rowsTouched(db, async (trx) => {
    const place = { row: 5000n, sent: 0 };
    for await (const events of ledgerEvents(trx)({ id: 1, name: "main" }, place)) {
      expect((events[0] as Pending).number).toBe(5000n + BigInt(read));
      read += events.length;
      if (read >= 300) return;
    }
  });
  expect(read).toBe(300);
  expect(touched).toBeLessThan(3000);
});

test("rows that wait for a slow sink are not looked at whenever a swift one has passed some", async () => {
  const db = await ledgerWithBacklog();
  const taken = await takeLease(db, "main", "swift", 60_000);
  if (taken === null) throw new Error("the lease is not free");
  const progress = { place: { row: BigInt(BACKLOG), sent: 0 }, attempts: 0 };
  const touched = await rowsTouched(db, (trx) => giveLeaseBack(trx, taken.lease, progress, 0));
  expect(touched).toBeLessThan(100);
  expect(await db("outbox").where({ ledger: 1 })).toHaveLength(BACKLOG);
});
