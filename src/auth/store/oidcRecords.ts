import type { Db } from "../../db/database.js";

/** Which record: its kind, and the hash of the text that its bearer presents. */
export interface RecordKey {
  readonly kind: string;
  readonly idHash: Uint8Array;
}

/** What oidc-provider asks us to remember: a session, a grant, a code, a refresh token. */
export interface OidcRecord extends RecordKey {
  /** Encrypted. */
  readonly sealed: Uint8Array;
  readonly grantId: string | null;
  readonly uid: string | null;
  /** Null for what does not expire. */
  readonly lifetimeSeconds: number | null;
}

export interface FoundRecord {
  readonly idHash: Uint8Array;
  readonly sealed: Uint8Array;
  /** A code or refresh token works once; null while it does. */
  readonly consumedAt: bigint | null;
}

/** Keeps a record; one of the same key is replaced, but stays consumed. */
export async function putRecord(db: Db, record: OidcRecord): Promise<void> {
  await db.raw(
    `insert into oidc_records (kind, id_hash, sealed, grant_id, uid, expires_at)
     values (:kind, :idHash, :sealed, :grantId, :uid, now() + make_interval(secs => :lifetimeSeconds))
     on conflict (kind, id_hash) do update set
       sealed = excluded.sealed, grant_id = excluded.grant_id, uid = excluded.uid, expires_at = excluded.expires_at`,
    { ...record },
  );
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

export async function consumeRecord(db: Db, key: RecordKey): Promise<void> {
  await db("oidc_records").where(toColumns(key)).update({ consumed_at: db.fn.now() });
}

export async function deleteRecord(db: Db, key: RecordKey): Promise<void> {
  await db("oidc_records").where(toColumns(key)).delete();
}

/** Deletes every code and token that came of one login's consent. */
export async function deleteGrant(db: Db, grantId: string): Promise<void> {
  await db("oidc_records").where({ grant_id: grantId }).delete();
}

export async function deleteExpiredRecords(db: Db): Promise<void> {
  await db("oidc_records").where("expires_at", "<=", db.fn.now()).delete();
}

const toColumns = ({ kind, idHash }: RecordKey) => ({ kind, id_hash: idHash });
