import { generateKeyPair, randomBytes, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Db } from "../../db/database.js";
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
  const load = (purpose: KeyPurpose, make: () => Promise<Buffer>) =>
    loadKeys(db, encryptionKeys, purpose, make);
  const signing = await load("tokens", newSigningKey);
  const cookies = await load("cookies", newRandomKey);
  const [pepper] = await load("secrets", newRandomKey);
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
  make: () => Promise<Buffer>,
): Promise<[Buffer, ...Buffer[]]> {
  const [first, ...others] = await listKeys(db, purpose);
  if (first?.isInUse)
    return [open(encryptionKeys, first), ...others.map((key) => open(encryptionKeys, key))];
  const id = randomUUID();
  const sealed = encrypt(encryptionKeys, await make(), placeOf(id));
  await insertFirstKey(db, { id, purpose, sealed });
  return loadKeys(db, encryptionKeys, purpose, make);
}

function open(encryptionKeys: EncryptionKeys, { id, sealed }: SealedKey): Buffer {
  const key = decrypt(encryptionKeys, sealed, placeOf(id));
  if (key) return key;
  throw new Error(
    'ENCRYPTION_KEY does not open the keys in this database. Start with the key it was first started with; to change it, list both: "new,old".',
  );
}

const placeOf = (id: string) => `auth_keys ${id}`;

const newRandomKey = async () => randomBytes(32);

async function newSigningKey(): Promise<Buffer> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const kid = await calculateJwkThumbprint(jwk as JWK);
  return Buffer.from(JSON.stringify({ ...jwk, kid, alg: "RS256", use: "sig" }));
}
