import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Keys of 32 bytes. The first encrypts, all decrypt: a new key is put before the old one. */
export type EncryptionKeys = readonly [Uint8Array, ...Uint8Array[]];

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * `plain` under the first key, with AES-256-GCM: iv, tag, ciphertext. `place` says where it will be kept (e.g. table
 * and id): moved elsewhere, it does not decrypt.
 */
export function encrypt([key]: EncryptionKeys, plain: Uint8Array, place: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(place));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** What `encrypt` was given. Null if no key fits, or if a bit has changed since. */
export function decrypt(keys: EncryptionKeys, sealed: Uint8Array, place: string): Buffer | null {
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const ciphertext = sealed.subarray(IV_BYTES + TAG_BYTES);
  if (tag.length < TAG_BYTES) return null;
  for (const key of keys) {
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place)).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch {
      // The tag does not fit this key: maybe the next one's.
    }
  }
  return null;
}
