import { generateKeyPair, randomBytes, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Db } from "../../db/database.js";
import { placeOf } from "../../db/reencrypt.js";
import { decrypt, type EncryptionKeys, encrypt } from "../../lib/encrypt.js";
import { insertFirstKey, type KeyPurpose, listKeys, type SealedKey } from "../store/authKeys.js";

export interface AuthKeys {
  /** Private keys for RS256. The first signs; tokens of the others are still good. */
  readonly signing: readonly JWK[];
  readonly cookies: readonly string[];
  /** Goes into the hash of every client secret; never changes. */
  readonly pepper: Uint8Array;
}

/** Loads the keys that all processes on this database share. What is missing is made: processes that start at once agree. */
export async function loadAuthKeys(db: Db, encryptionKeys: EncryptionKeys): Promise<AuthKeys> {
  const signing = await loadKeys(db, encryptionKeys, "tokens");
  const cookies = await loadKeys(db, encryptionKeys, "cookies");
  const [pepper] = await loadKeys(db, encryptionKeys, "secrets");
  return {
    signing: signing.map((key) => JSON.parse(key.toString())),
    cookies: cookies.map((key) => key.toString("base64url")),
    pepper,
  };
}

async function loadKeys(
  db: Db,
  encryptionKeys: EncryptionKeys,
  purpose: KeyPurpose,
): Promise<[Buffer, ...Buffer[]]> {
  const found = await listKeys(db, purpose);
  const [first, ...others] = found.map((key) => open(encryptionKeys, key));
  if (first !== undefined && found.some(({ isInUse }) => isInUse)) return [first, ...others];
  await insertFirstKey(db, await makeKey(encryptionKeys, purpose));
  return loadKeys(db, encryptionKeys, purpose);
}

function open(encryptionKeys: EncryptionKeys, { id, sealed }: SealedKey): Buffer {
  const key = decrypt(encryptionKeys, sealed, placeOf("auth_keys", id));
  if (key) return key;
  throw new Error(
    'ENCRYPTION_KEY does not open the keys in this database. Start with the key it was first started with; to change it, list both: "new,old".',
  );
}

/** A new key, to be inserted. The id of one for tokens is its `kid`. */
export async function makeKey(
  encryptionKeys: EncryptionKeys,
  purpose: KeyPurpose,
): Promise<SealedKey> {
  const { id, key } = purpose === "tokens" ? await newSigningKey() : newRandomKey();
  return { id, purpose, sealed: encrypt(encryptionKeys, key, placeOf("auth_keys", id)) };
}

const newRandomKey = () => ({ id: randomUUID(), key: randomBytes(32) });

async function newSigningKey() {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const id = await calculateJwkThumbprint(jwk as JWK);
  return { id, key: Buffer.from(JSON.stringify({ ...jwk, kid: id, alg: "RS256", use: "sig" })) };
}
