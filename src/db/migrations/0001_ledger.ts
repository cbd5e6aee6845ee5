import type { Db } from "../database.js";

/**
 * A ledger's integer id leads every key and index of its tables, and all numbers come from its row in `ledgers`, which
 * a writer holds locked: nothing here has a sequence or a trigger. Addresses compare bytewise. `logs` and `moves` have
 * no foreign keys, because checking them costs more than the insert itself; `florin verify` checks them all.
 */
export const up = async (db: Db): Promise<void> => {
  await db.raw(`
    -- The head: lock, fence, and version of what writers remember.
    create table ledgers (
      id integer primary key,
      name text collate "C" not null unique,
      next_txid bigint not null default 0,
      next_log bigint not null default 0,
      next_account bigint not null default 0,
      last_hash bytea,
      last_timestamp timestamptz
    ) with (fillfactor = 10);

    create table accounts (
      ledger integer not null references ledgers (id),
      id bigint not null,
      address text collate "C" not null,
      metadata jsonb not null default '{}',
      primary key (ledger, id),
      unique (ledger, address)
    );

    create table volumes (
      ledger integer not null,
      account bigint not null,
      asset text collate "C" not null,
      input numeric not null check (input >= 0),
      output numeric not null check (output >= 0),
      primary key (ledger, account, asset),
      foreign key (ledger, account) references accounts (ledger, id)
    ) with (fillfactor = 50);

    -- Never updated. A log of a transaction is that transaction.
    create table logs (
      ledger integer not null,
      id bigint not null,
      date timestamptz not null,
      hash bytea not null check (length(hash) = 32),
      actor text,
      metadata jsonb not null,
      txid bigint,
      reference text collate "C",
      postings jsonb, -- [[source, destination, asset, "amount"], …]
      volumes jsonb, -- before it: [[account, asset, "input", "output"], …]
      target_account text collate "C",
      target_txid bigint,
      primary key (ledger, id),
      check (num_nonnulls(txid, target_account, target_txid) = 1),
      check ((txid is null) = (postings is null) and (txid is null) = (volumes is null))
    );
    create unique index logs_txid on logs (ledger, txid) where txid is not null;
    create unique index logs_reference on logs (ledger, reference) where reference is not null;
    create index logs_date on logs (ledger, date);

    -- Which transactions touch an account.
    create table moves (
      ledger integer not null,
      account bigint not null,
      txid bigint not null,
      is_source boolean not null,
      is_destination boolean not null,
      primary key (ledger, account, txid)
    );

    -- What was merged into the metadata of a transaction since it was made.
    create table transaction_metadata (
      ledger integer not null,
      txid bigint not null,
      metadata jsonb not null,
      primary key (ledger, txid)
    );

    -- What was written under a key: the logs from first_log to last_log.
    create table idempotency_keys (
      ledger integer not null,
      key text collate "C" not null,
      request_hash bytea not null,
      first_log bigint not null,
      last_log bigint not null,
      primary key (ledger, key)
    );
  `);
};
