import type { Db } from "../database.js";

/** How far each sink is in each ledger's outbox, and the events that a sink would not take. */
export const up = async (db: Db): Promise<void> => {
  await db.raw(`
    -- Where events go, or went until lately: rows of the outbox wait for these.
    create table sinks (
      name text collate "C" primary key,
      seen_at timestamptz not null default now()
    );

    create table event_cursors (
      ledger integer not null references ledgers (id),
      sink text collate "C" not null,
      -- The outbox row that comes next, and how many of its events are through already.
      outbox_row bigint not null default 0,
      sent integer not null default 0,
      -- Failed attempts at the next event, and when to make another.
      attempts integer not null default 0,
      retry_at timestamptz,
      -- Whoever took the lease with the present fence may move this row.
      fence bigint not null default 0,
      leased_until timestamptz,
      primary key (ledger, sink)
    ) with (fillfactor = 50);

    create table dead_letters (
      ledger integer not null references ledgers (id),
      sink text collate "C" not null,
      event bigint not null,
      message_id text not null,
      type text not null,
      body text not null,
      reason text not null,
      -- Since it was last put back into delivery, if it ever was.
      attempts integer not null,
      failed_at timestamptz not null default now(),
      -- When it is sent again; null while it rests.
      retry_at timestamptz,
      primary key (ledger, sink, event)
    );
    create index dead_letters_due on dead_letters (ledger, retry_at) where retry_at is not null;
  `);
};
