import type { Db } from "../../db/database.js";
import type { StoredSecret } from "../domain/secrets.js";

/** How a client proves who it is. */
export interface ClientCredentials {
  /** Proves nothing, and has no need to. */
  readonly isPublic: boolean;
  readonly isTrusted: boolean;
  /** Each of them logs in. */
  readonly secrets: readonly StoredSecret[];
}

/** Null if there is no client of this id. */
export async function findCredentials(db: Db, clientId: string): Promise<ClientCredentials | null> {
  const rows = await db("clients")
    .leftJoin("client_secrets", "client_id", "clients.id")
    .where("clients.id", clientId)
    .select({
      isPublic: "public",
      isTrusted: "trusted",
      id: "client_secrets.id",
      hash: "hash",
    });
  if (rows.length === 0) return null;
  const { isPublic, isTrusted } = rows[0];
  const secrets = rows.flatMap(({ id, hash }) => (id === null ? [] : [{ clientId, id, hash }]));
  return { isPublic, isTrusted, secrets };
}
