import { randomBytes } from "node:crypto";
import { makeKey } from "../../src/auth/keys/authKeys.js";
import { insertFirstKey } from "../../src/auth/store/authKeys.js";
import type { Db } from "../../src/db/database.js";
import { placeOf } from "../../src/db/reencrypt.js";
import { decrypt, type EncryptionKeys, encrypt } from "../../src/lib/encrypt.js";

/** Puts this process's key for tokens into `db`, unless it has one: to make one takes longer than most tests. */
export async function lendSigningKey(db: Db, encryptionKeys: EncryptionKeys): Promise<void> {
  made ??= makeSigningKey();
  const { id, key } = await made;
  const sealed = encrypt(encryptionKeys, key, placeOf("auth_keys", id));
  await insertFirstKey(db, { id, purpose: "tokens", sealed });
}

let made: ReturnType<typeof makeSigningKey> | null = null;

async function makeSigningKey(): Promise<{ id: string; key: Buffer }> {
  const sealedWith: EncryptionKeys = [randomBytes(32)];
  const { id, sealed } = await makeKey(sealedWith, "tokens");
  const key = decrypt(sealedWith, sealed, placeOf("auth_keys", id));
  if (key === null) throw new Error("the key that we made does not open");
  return { id, key };
}
