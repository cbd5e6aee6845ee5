import type { Db } from "../database.js";

/**
 * Payments, and the connectors that bring them. The events of payments are one more stream beside those of the
 * ledgers: it has the number 0, which no ledger has.
 */
export const up = async (db: Db): Promise<void> => {
  await db.raw(`
    -- What is installed, at most one of each kind. The row is the lock of all that changes what it has brought.
    create table connectors (
      id uuid primary key,
      provider text collate "C" not null constraint connectors_provider_unique unique,
      sealed bytea not null, -- its configuration: src/lib/encrypt.ts
      created_at timestamptz not null
    );

    create table connector_tasks (
      id uuid primary key,
      connector uuid not null references connectors (id),
      descriptor text collate "C" not null, -- JSON, whose text says which task it is
      status text not null check (status in ('PENDING', 'ACTIVE', 'TERMINATED', 'FAILED')),
      state text, -- JSON
      error text not null default '',
      created_at timestamptz not null,
      updated_at timestamptz not null,
      -- When it is to run; null if nobody wants it to.
      due_at timestamptz,
      -- Runs in a row that failed.
      failures integer not null default 0,
      -- Whoever took the lease with the present fence runs it, and nobody else may change what it has brought.
      fence bigint not null default 0,
      leased_until timestamptz,
      unique (connector, descriptor)
    ) with (fillfactor = 70);
    create index connector_tasks_list on connector_tasks (connector, created_at, id);
    create index connector_tasks_due on connector_tasks (connector, due_at) where due_at is not null;
    create index connector_tasks_leased on connector_tasks (connector) where leased_until is not null;

    create table payment_accounts (
      id uuid primary key,
      connector uuid not null references connectors (id),
      provider text collate "C" not null,
      reference text collate "C" not null,
      type text collate "C" not null check (type in ('SOURCE', 'TARGET')),
      created_at timestamptz not null,
      unique (provider, reference)
    );
    create index payment_accounts_by_date on payment_accounts (created_at, id);
    create index payment_accounts_by_type on payment_accounts (type, id);
    create index payment_accounts_by_reference on payment_accounts (reference, id);
    create index payment_accounts_by_provider on payment_accounts (provider, id);

    create table payments (
      id text collate "C" primary key,
      connector uuid not null references connectors (id),
      provider text collate "C" not null,
      reference text collate "C" not null,
      type text collate "C" not null check (type in ('PAY-IN', 'PAYOUT', 'TRANSFER', 'OTHER')),
      status text collate "C" not null check (status in ('PENDING', 'SUCCEEDED', 'CANCELLED', 'FAILED', 'OTHER')),
      scheme text collate "C" not null,
      asset text collate "C" not null,
      initial_amount numeric not null check (initial_amount >= 0),
      amount numeric not null check (amount >= 0),
      -- What the provider itself said last of the payment, adjustments apart.
      told_status text not null,
      told_amount numeric not null,
      account uuid,
      source_account uuid,
      destination_account uuid,
      created_at timestamptz not null,
      raw text, -- JSON, as the provider wrote it
      metadata jsonb not null default '{}',
      -- The last event that told of it, and its date.
      event bigint not null,
      changed_at timestamptz not null
    );
    create unique index payments_by_event on payments (event);
    create index payments_by_date on payments (created_at, id);
    create index payments_by_status on payments (status, id);
    create index payments_by_type on payments (type, id);
    create index payments_by_scheme on payments (scheme, id);
    create index payments_by_asset on payments (asset, id);
    create index payments_by_amount on payments (amount, id);
    create index payments_by_initial_amount on payments (initial_amount, id);
    create index payments_by_reference on payments (reference, id);
    create index payments_by_provider on payments (provider, id);

    -- Changes of payments. One may come before its payment: providers list the newest first.
    create table payment_adjustments (
      payment text collate "C" not null,
      reference text collate "C" not null,
      connector uuid not null references connectors (id),
      date timestamptz not null,
      status text not null check (status in ('PENDING', 'SUCCEEDED', 'CANCELLED', 'FAILED', 'OTHER')),
      amount numeric not null,
      absolute boolean not null,
      raw text, -- JSON
      primary key (payment, reference)
    );

    -- Every value that metadata ever had.
    create table payment_metadata_log (
      payment text collate "C" not null references payments (id) on delete cascade,
      number bigint not null generated always as identity,
      key text not null,
      value text not null,
      date timestamptz not null,
      primary key (payment, number)
    );

    create table transfers (
      id uuid primary key,
      connector uuid not null references connectors (id),
      source text not null,
      destination text not null,
      amount numeric not null check (amount > 0),
      asset text not null,
      status text not null check (status in ('PENDING', 'SUCCEEDED', 'FAILED')),
      error text,
      reference text, -- the provider's, once there is one
      created_at timestamptz not null
    );
    create index transfers_list on transfers (connector, created_at, id);

    -- Connectors that were reset or uninstalled: which event told of it.
    create table connector_resets (
      event bigint primary key,
      provider text not null,
      date timestamptz not null
    );

    -- Numbers the events of payments, without gaps. Locked from then on, commits have their order.
    create table payments_head (
      id integer primary key check (id = 0),
      next_event bigint not null
    );
    insert into payments_head (id, next_event) values (0, 0);

    -- Whatever has events. What is not a ledger has a name that no ledger may have.
    create view streams as
      select id, name, next_event from ledgers
      union all
      select id, '_payments', next_event from payments_head;
    alter table event_cursors drop constraint event_cursors_ledger_fkey;
    alter table dead_letters drop constraint dead_letters_ledger_fkey;
  `);
};
