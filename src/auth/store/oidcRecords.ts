import { brokenConstraint } from "../../db/brokenConstraint.js";
import type { Db } from "../../db/database.js";
import { inTransaction } from "../../db/transaction.js";

/** Which record: its kind, and the hash of the text that its bearer presents. */
export interface RecordKey {
  readonly kind: string;
  readonly idHash: Buffer;
}

/** What oidc-provider asks us to remember: a session, a grant, a code, a refresh token. */
export interface OidcRecord extends RecordKey {
  /** Encrypted. */
  readonly sealed: Uint8Array;
  readonly grantId: string | null;
  /** Whose it is; it goes with the client. */
  readonly clientId: string | null;
  readonly uid: string | null;
  /** Null for what does not expire. */
  readonly lifetimeSeconds: number | null;
}

export interface FoundRecord {
  readonly idHash: Buffer;
  readonly sealed: Uint8Array;
  /** A code or refresh token works once; null while it does. */
  readonly consumedAt: bigint | null;
}

/** Keeps a record; one of the same key is replaced, but stays consumed. False if its client is gone. */
export async function putRecord(db: Db, record: OidcRecord): Promise<boolean> {
  try {
    await db.raw(
      `insert into oidc_records (kind, id_hash, sealed, grant_id, client_id, uid, expires_at)
       values (:kind, :idHash, :sealed, :grantId, :clientId, :uid, now() + make_interval(secs => :lifetimeSeconds))
       on conflict (kind, id_hash) do update set
         sealed = excluded.sealed, grant_id = excluded.grant_id, client_id = excluded.client_id,
         uid = excluded.uid, expires_at = excluded.expires_at`,
      { ...record },
    );
    return true;
  } catch (error) {
    if (brokenConstraint(error) !== "oidc_records_client") throw error;
    return false;
  }
}

/** Replaces a record that was found; false if it has been deleted since. */
export async function replaceRecord(
  db: Db,
  { kind, idHash, sealed, grantId, clientId, uid, lifetimeSeconds }: OidcRecord,
): Promise<boolean> {
  const replaced = await db("oidc_records")
    .where({ kind, id_hash: idHash })
    .update({
      ...{ sealed, grant_id: grantId, client_id: clientId, uid },
      expires_at: db.raw("now() + make_interval(secs => ?)", [lifetimeSeconds]),
    });
  return replaced > 0;
}

/** The live record of a key, or of a kind and uid. */
export async function findRecord(
  db: Db,
  key: RecordKey | { readonly kind: string; readonly uid: string },
): Promise<FoundRecord | undefined> {
  return db("oidc_records")
    .where("uid" in key ? key : toColumns(key))
    .whereRaw("(expires_at is null or expires_at > now())")
    .first({ idHash: "id_hash", sealed: "sealed", consumedAt: "consumed_at" });
}

/** Marks a record as used; of several that try, one is told true. */
export async function consumeRecord(db: Db, key: RecordKey): Promise<boolean> {
  const consumed = await db("oidc_records")
    .where(toColumns(key))
    .whereNull("consumed_at")
    .update({ consumed_at: db.fn.now() });
  return consumed > 0;
}

/** Deletes the live record of a key; answers it to the one caller that did. */
export async function takeRecord(db: Db, key: RecordKey): Promise<FoundRecord | undefined> {
  const [taken] = await db("oidc_records")
    .where(toColumns(key))
    .where("expires_at", ">", db.fn.now())
    .delete(["id_hash as idHash", "sealed", "consumed_at as consumedAt"]);
  return taken;
}

export async function deleteRecord(db: Db, key: RecordKey): Promise<void> {
  await db("oidc_records").where(toColumns(key)).delete();
}

/** Deletes a grant, and with it every code and token that came of it. False if it was gone. */
export const deleteGrant = (db: Db, grantId: string): Promise<boolean> =>
  // Whoever deletes many rows may meet others who do: a deadlock is tried again.
  inTransaction(db, async (trx) => {
    const deleted = await trx("oidc_records").where({ grant_id: grantId }).delete("kind");
    return deleted.some(({ kind }) => kind === "Grant");
  });

/**
 * Deletes a session and its grants, with all that came of them; answers the keys of the grants. The session goes first:
 * it is saved after all that a request issues in it, which then is seen here, or comes to nothing.
 */
export const deleteSession = (db: Db, uid: string): Promise<Buffer[]> =>
  inTransaction(db, async (trx) => {
    await trx("oidc_records").where({ kind: "Session", uid }).delete();
    const grants = trx("oidc_records").where({ kind: "Grant", uid }).select("grant_id");
    const deleted = await trx("oidc_records")
      .whereIn("grant_id", grants)
      .delete(["kind", "id_hash as idHash"]);
    return deleted.filter(({ kind }) => kind === "Grant").map(({ idHash }) => idHash);
  });

/** Deletes all that a client got for people, and what is under way: they log in anew. */
export const deleteClientRecords = (db: Db, clientId: string): Promise<number> =>
  db("oidc_records").where({ client_id: clientId }).delete();

/** Answers how many there were. */
export const deleteExpiredRecords = (db: Db): Promise<number> =>
  db("oidc_records").where("expires_at", "<=", db.fn.now()).delete();

const toColumns = ({ kind, idHash }: RecordKey) => ({ kind, id_hash: idHash });
