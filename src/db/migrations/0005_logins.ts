import type { Db } from "../database.js";

/** People who log in, tokens that died early, and Florin's own scopes. */
export async function up(db: Db): Promise<void> {
  // A person is who the upstream issuer says, by its `sub`.
  await db.raw(`
    create table users (
      id text collate "C" primary key,
      issuer text collate "C" not null,
      subject text collate "C" not null,
      email text not null default '',
      email_verified boolean not null default false,
      created_at timestamptz not null default now(),
      last_login_at timestamptz not null default now(),
      constraint users_issuer_subject_unique unique (issuer, subject)
    )`);
  // What a client got goes with it: a client made anew under an old id inherits no login.
  await db.raw(`
    alter table oidc_records add column client_id text collate "C"
    constraint oidc_records_client references clients on delete cascade`);
  await db.raw(
    "create index oidc_records_client_id on oidc_records (client_id) where client_id is not null",
  );
  // Access tokens are not stored; those that were revoked are, for as long as they would have lived.
  await db.raw(`
    create table revoked_tokens (
      jti text collate "C" primary key,
      expires_at timestamptz not null
    )`);
  await db.raw("create index revoked_tokens_expiry on revoked_tokens (expires_at)");
  // Once: whoever deletes one does not get it back at the next start.
  await db.raw(`
    insert into scopes (id, label)
    select gen_random_uuid()::text, label
    from unnest(array[
      'auth:read', 'auth:write', 'ledger:read', 'ledger:write', 'payments:read', 'payments:write'
    ]) as label
    on conflict (label) do nothing`);
}
