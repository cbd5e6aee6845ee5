import type { Db } from "../database.js";

/** Who may call (clients, their secrets and scopes) and what the OAuth 2 and OpenID Connect endpoints remember. */
export async function up(db: Db): Promise<void> {
  await db.raw(`
    create table clients (
      id text collate "C" primary key check (id <> ''),
      name text not null,
      description text not null default '',
      public boolean not null default false,
      trusted boolean not null default false,
      redirect_uris text[] not null default '{}',
      post_logout_redirect_uris text[] not null default '{}',
      metadata jsonb not null default '{}',
      created_at timestamptz not null default now()
    )`);
  await db.raw(`
    create table client_secrets (
      client_id text collate "C" not null references clients on delete cascade,
      id text collate "C" not null,
      name text not null,
      hash bytea not null,
      last_digits text not null,
      metadata jsonb not null default '{}',
      created_at timestamptz not null default now(),
      primary key (client_id, id)
    )`);
  await db.raw(`
    create table scopes (
      id text collate "C" primary key,
      label text collate "C" not null constraint scopes_label_unique unique,
      metadata jsonb not null default '{}',
      created_at timestamptz not null default now()
    )`);
  await db.raw(`
    create table client_scopes (
      client_id text collate "C" not null references clients on delete cascade,
      scope_id text collate "C" not null references scopes on delete cascade,
      primary key (client_id, scope_id)
    )`);
  await db.raw("create index client_scopes_scope on client_scopes (scope_id)");
  // Whoever holds scope_id holds transient_scope_id too, and so on from there.
  await db.raw(`
    create table transient_scopes (
      scope_id text collate "C" not null references scopes on delete cascade,
      transient_scope_id text collate "C" not null references scopes on delete cascade,
      primary key (scope_id, transient_scope_id)
    )`);
  await db.raw("create index transient_scopes_transient on transient_scopes (transient_scope_id)");
  // One key of each purpose is in use; the others are kept for what they signed.
  await db.raw(`
    create table auth_keys (
      id text collate "C" primary key,
      purpose text collate "C" not null,
      sealed bytea not null,
      created_at timestamptz not null default now(),
      retired_at timestamptz
    )`);
  await db.raw(
    "create unique index auth_keys_in_use on auth_keys (purpose) where retired_at is null",
  );
  // Ids of the clients that a start has made. They stay when the client is deleted, lest the next start make it anew.
  await db.raw(`create table first_clients (client_id text collate "C" primary key)`);
  // Sessions, grants, codes and refresh tokens. A copy of this table opens no session: the id is hashed, the rest encrypted.
  await db.raw(`
    create table oidc_records (
      kind text collate "C" not null,
      id_hash bytea not null,
      sealed bytea not null,
      grant_id text collate "C",
      uid text collate "C",
      consumed_at timestamptz,
      expires_at timestamptz,
      primary key (kind, id_hash)
    )`);
  await db.raw(
    "create index oidc_records_grant on oidc_records (grant_id) where grant_id is not null",
  );
  await db.raw("create index oidc_records_uid on oidc_records (kind, uid) where uid is not null");
  await db.raw("create index oidc_records_expiry on oidc_records (expires_at)");
}
