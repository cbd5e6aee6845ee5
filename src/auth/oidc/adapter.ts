import { createHash } from "node:crypto";
import type { Adapter, AdapterPayload } from "oidc-provider";
import { InvalidGrant, LoginRequired } from "oidc-provider/lib/helpers/errors.js";
import type { Db } from "../../db/database.js";
import { placeOf } from "../../db/reencrypt.js";
import { decrypt, type EncryptionKeys, encrypt } from "../../lib/encrypt.js";
import {
  consumeRecord,
  deleteGrant,
  deleteRecord,
  deleteSession,
  type FoundRecord,
  findRecord,
  putRecord,
  replaceRecord,
  takeRecord,
} from "../store/oidcRecords.js";

export interface OidcAdapter extends Adapter {
  /** Finds a record and deletes it: of several that try, one gets it. */
  take(id: string): Promise<AdapterPayload | undefined>;
  /** Deletes a session, and every grant that came of it. */
  endSession(uid: string): Promise<void>;
}

/**
 * Where oidc-provider keeps its records of one `kind`: hashed and encrypted in PostgreSQL. `onGrantRevoked` is told, by
 * `grantClaimOf`, of every grant that dies before its time: its access tokens die with it.
 */
export function oidcAdapter(
  db: Db,
  encryptionKeys: EncryptionKeys,
  kind: string,
  onGrantRevoked: (grant: string) => void = () => {},
): OidcAdapter {
  const keyOf = (id: string) => ({ kind, idHash: hashOf(id) });
  const place = (idHash: Buffer) => placeOf("oidc_records", kind, idHash);

  /** Undefined also for a record of a dropped encryption key: its bearer logs in again. */
  const open = (found: FoundRecord | undefined): AdapterPayload | undefined => {
    const json = found && decrypt(encryptionKeys, found.sealed, place(found.idHash));
    if (!json) return undefined;
    const payload: AdapterPayload = JSON.parse(json.toString());
    return found.consumedAt === null
      ? payload
      : { ...payload, consumed: Number(found.consumedAt / 1_000_000n) };
  };

  const find = async (id: string) => open(await findRecord(db, keyOf(id)));

  const revokeByGrantId = async (grantId: string) => {
    if (await deleteGrant(db, grantId)) onGrantRevoked(grantClaimOf(grantId));
  };

  return {
    async upsert(id, { isFound, ...payload }, expiresIn) {
      const key = keyOf(id);
      const record = {
        ...key,
        sealed: encrypt(encryptionKeys, Buffer.from(JSON.stringify(payload)), place(key.idHash)),
        grantId: grantOf(kind, id, payload),
        clientId: payload.clientId ?? clientOf(payload.params),
        uid: payload.uid ?? null,
        lifetimeSeconds: expiresIn ?? null,
      };
      if (isFound) {
        if (!(await replaceRecord(db, record))) throw new LoginRequired("the login was ended");
      } else if (!(await putRecord(db, record))) {
        throw new InvalidGrant("the client was deleted");
      }
    },
    find,
    findByUid: async (uid) => open(await findRecord(db, { kind, uid })),
    // oidc-provider has looked before, but somebody else may have been faster: then it is used twice, and RFC 9700 ends the grant.
    async consume(id) {
      if (await consumeRecord(db, keyOf(id))) return;
      const grantId = (await find(id))?.grantId;
      if (grantId !== undefined) await revokeByGrantId(grantId);
      throw new InvalidGrant("used already");
    },
    destroy: (id) => (kind === "Grant" ? revokeByGrantId(id) : deleteRecord(db, keyOf(id))),
    take: async (id) => open(await takeRecord(db, keyOf(id))),
    revokeByGrantId,
    async endSession(uid) {
      for (const idHash of await deleteSession(db, uid)) onGrantRevoked(toClaim(idHash));
    },
    // Only the device flow has user codes, and it is not offered.
    findByUserCode: async () => undefined,
  };
}

/** The grant that a record ends with. A login under way names one too, that of who was logged in before: it goes on. */
function grantOf(kind: string, id: string, { grantId }: AdapterPayload): string | null {
  if (kind === "Grant") return id;
  return kind === "Interaction" ? null : (grantId ?? null);
}

/** What access tokens carry as their `grant`: the key of its record. */
export const grantClaimOf = (grantId: string): string => toClaim(hashOf(grantId));

const toClaim = (idHash: Buffer): string => idHash.toString("base64url");

const hashOf = (id: string): Buffer => createHash("sha256").update(id).digest();

/** A login that is under way says whose it is in the parameters of its request. */
const clientOf = (params: AdapterPayload["params"]): string | null =>
  typeof params?.["client_id"] === "string" ? params["client_id"] : null;
