import { createHash } from "node:crypto";
import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Db } from "../../db/database.js";
import { decrypt, type EncryptionKeys, encrypt } from "../../lib/encrypt.js";
import {
  consumeRecord,
  deleteGrant,
  deleteRecord,
  type FoundRecord,
  findRecord,
  putRecord,
} from "../store/oidcRecords.js";

/** Where oidc-provider keeps its records of one `kind`: hashed and encrypted in PostgreSQL. */
export function oidcAdapter(db: Db, encryptionKeys: EncryptionKeys, kind: string): Adapter {
  const keyOf = (id: string) => ({ kind, idHash: createHash("sha256").update(id).digest() });
  const placeOf = (idHash: Uint8Array) =>
    `oidc_records ${kind} ${Buffer.from(idHash).toString("hex")}`;

  /** Undefined also for a record of a dropped encryption key: its bearer logs in again. */
  const open = (found: FoundRecord | undefined): AdapterPayload | undefined => {
    const json = found && decrypt(encryptionKeys, found.sealed, placeOf(found.idHash));
    if (!json) return undefined;
    const payload: AdapterPayload = JSON.parse(json.toString());
    return found.consumedAt === null
      ? payload
      : { ...payload, consumed: Number(found.consumedAt / 1_000_000n) };
  };

  return {
    async upsert(id, payload, expiresIn) {
      const key = keyOf(id);
      await putRecord(db, {
        ...key,
        sealed: encrypt(encryptionKeys, Buffer.from(JSON.stringify(payload)), placeOf(key.idHash)),
        grantId: payload.grantId ?? null,
        uid: payload.uid ?? null,
        lifetimeSeconds: expiresIn ?? null,
      });
    },
    find: async (id) => open(await findRecord(db, keyOf(id))),
    findByUid: async (uid) => open(await findRecord(db, { kind, uid })),
    consume: (id) => consumeRecord(db, keyOf(id)),
    destroy: (id) => deleteRecord(db, keyOf(id)),
    revokeByGrantId: (grantId) => deleteGrant(db, grantId),
    // Only the device flow has user codes, and it is not offered.
    findByUserCode: async () => undefined,
  };
}
