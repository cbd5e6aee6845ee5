import type { Db } from "../database.js";

/**
 * Events are numbered per ledger: its row in `ledgers` has the next number, and every write but an import takes one or
 * more. The update of a mapping leaves no log, only its event; so that number is also the mapping's.
 */
export const up = async (db: Db): Promise<void> => {
  await db.raw(`
    alter table ledgers add column next_event bigint not null default 0;

    -- Every mapping that ever was; the last one is in force.
    create table mappings (
      ledger integer not null references ledgers (id),
      event bigint not null,
      date timestamptz not null,
      actor text,
      contracts text not null, -- JSON, in which integers of any size are exact
      primary key (ledger, event)
    );

    -- A key stands for logs, or for an update of the mapping.
    alter table idempotency_keys
      alter column first_log drop not null,
      alter column last_log drop not null,
      add column mapping bigint,
      add foreign key (ledger, mapping) references mappings (ledger, event),
      add check ((first_log is null) = (last_log is null) and (first_log is null) <> (mapping is null));

    -- What is yet to be told, one row per commit. Its id is the number of its first event.
    create table outbox (
      ledger integer not null,
      id bigint not null,
      date timestamptz not null,
      events text not null, -- JSON that points at logs: src/ledger/domain/outbox.ts
      primary key (ledger, id)
    );
  `);
};
