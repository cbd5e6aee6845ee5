import type { Db } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { ClientOptions } from "../domain/clientOptions.js";
import type { ClientIdTaken, ClientNotFound } from "../domain/failure.js";
import type { Metadata } from "../domain/field.js";

/** A client as those see it who manage it. */
export interface ManagedClient extends ClientOptions {
  readonly id: string;
  /** Ids of the scopes attached to it. */
  readonly scopes: readonly string[];
  /** Oldest first. */
  readonly secrets: readonly SecretLabel[];
}

/** What may be told of a secret. */
export interface SecretLabel {
  readonly id: string;
  readonly name: string;
  readonly lastDigits: string;
  readonly metadata: Metadata;
}

const COLUMNS = `
  id, name, description, metadata, public as "isPublic", trusted as "isTrusted",
  redirect_uris as "redirectUris", post_logout_redirect_uris as "postLogoutRedirectUris",
  array(select scope_id from client_scopes where client_id = clients.id order by 1) as scopes,
  coalesce((
    select jsonb_agg(
      jsonb_build_object('id', id, 'name', name, 'lastDigits', last_digits, 'metadata', metadata)
      order by created_at, id
    ) from client_secrets where client_id = clients.id
  ), '[]') as secrets`;

/** All, oldest first. */
export const listClients = (db: Db): Promise<ManagedClient[]> =>
  db("clients").orderBy(["created_at", "id"]).select(db.raw(COLUMNS));

export async function readClient(
  db: Db,
  id: string,
): Promise<Result<ManagedClient, ClientNotFound>> {
  const client = await db("clients").where({ id }).first(db.raw(COLUMNS));
  return client ? ok(client) : notFound(id);
}

export async function insertClient(
  db: Db,
  id: string,
  options: ClientOptions,
): Promise<Result<ManagedClient, ClientIdTaken>> {
  const [client] = await db("clients")
    .insert({ id, ...toRow(options) })
    .onConflict("id")
    .ignore()
    .returning<ManagedClient[]>(db.raw(COLUMNS));
  return client ? ok(client) : fail({ kind: "client-id-taken", clientId: id });
}

/** Replaces what was decided about a client. */
export async function replaceClient(
  db: Db,
  id: string,
  options: ClientOptions,
): Promise<Result<ManagedClient, ClientNotFound>> {
  const [client] = await db("clients")
    .where({ id })
    .update(toRow(options))
    .returning<ManagedClient[]>(db.raw(COLUMNS));
  return client ? ok(client) : notFound(id);
}

/** Deletes a client with its secrets and its links to scopes, if there is one. */
export async function deleteClient(db: Db, id: string): Promise<void> {
  await db("clients").where({ id }).delete();
}

/** A client that nobody else changes, attaches scopes to or detaches them from, until `trx` ends. */
export async function lockClient(
  trx: Db,
  id: string,
): Promise<Result<{ readonly isPublic: boolean }, ClientNotFound>> {
  const client = await trx("clients").where({ id }).forUpdate().first({ isPublic: "public" });
  return client ? ok(client) : notFound(id);
}

const notFound = (clientId: string) => fail({ kind: "client-not-found", clientId });

const toRow = (options: ClientOptions) => ({
  name: options.name,
  description: options.description,
  public: options.isPublic,
  trusted: options.isTrusted,
  redirect_uris: [...options.redirectUris],
  post_logout_redirect_uris: [...options.postLogoutRedirectUris],
  metadata: options.metadata,
});
