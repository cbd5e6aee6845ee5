import type { Db } from "../../db/database.js";
import type { Metadata } from "../domain/field.js";
import type { StoredSecret } from "../domain/secrets.js";

/** All secrets of a client; each of them logs in. */
export const listSecrets = (db: Db, clientId: string): Promise<StoredSecret[]> =>
  db("client_secrets")
    .where({ client_id: clientId })
    .select({ clientId: "client_id" }, "id", "hash");

export interface NewSecret extends StoredSecret {
  readonly name: string;
  readonly lastDigits: string;
  readonly metadata?: Metadata;
}

export async function countSecrets(db: Db, clientId: string): Promise<number> {
  const [row] = await db("client_secrets").where({ client_id: clientId }).count();
  return Number(row?.["count"]);
}

/** Keeps a secret; one of the same client and id no longer logs in. */
export async function putSecret(db: Db, secret: NewSecret): Promise<void> {
  await db("client_secrets")
    .insert({
      client_id: secret.clientId,
      id: secret.id,
      name: secret.name,
      hash: secret.hash,
      last_digits: secret.lastDigits,
      metadata: secret.metadata,
    })
    .onConflict(["client_id", "id"])
    .merge();
}

/** False if the client has no secret of this id. */
export const deleteSecret = async (db: Db, clientId: string, id: string): Promise<boolean> =>
  (await db("client_secrets").where({ client_id: clientId, id }).delete()) > 0;
