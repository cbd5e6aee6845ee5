import type { Db } from "../../db/database.js";
import type { Micros } from "../../lib/time.js";

export interface Client {
  readonly id: string;
  readonly isPublic: boolean;
  /** Tells it from an earlier client of the same id. */
  readonly createdAt: Micros;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Labels of the scopes attached to the client and of all that those imply. None: the client is unrestricted. */
  readonly scopes: readonly string[];
}

/** Null if there is no client of this id. */
export async function findClient(db: Db, id: string): Promise<Client | null> {
  const { rows } = await db.raw(
    `with recursive held (scope_id) as (
       select scope_id from client_scopes where client_id = ?
       union
       select transient_scope_id from transient_scopes join held using (scope_id)
     )
     select id, public as "isPublic", created_at as "createdAt", redirect_uris as "redirectUris",
       post_logout_redirect_uris as "postLogoutRedirectUris", array(
       select label from scopes where id in (select scope_id from held) order by label
     ) as scopes
     from clients where id = ?`,
    [id, id],
  );
  return rows[0] ?? null;
}

export interface NewClient {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** Makes a confidential client. One that exists stays as it is. */
export async function insertClientIfMissing(db: Db, client: NewClient): Promise<void> {
  await db("clients").insert(client).onConflict("id").ignore();
}
