import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { EncryptionKeys } from "./lib/encrypt.js";
import { secretFile } from "./lib/secretFile.js";

/** The keys that the embedded database is encrypted with, from `dataDir`; a key is made if there is none. */
export async function keepEncryptionKeys(dataDir: string): Promise<EncryptionKeys> {
  const path = join(dataDir, "encryption.key");
  const keys = parseEncryptionKeys(
    await secretFile(path, () => `${randomBytes(32).toString("base64")}\n`),
  );
  if (keys === null) throw new Error(`${path} does not hold keys of 32 bytes in base64.`);
  return keys;
}

/** Keys of 32 bytes in base64, commas between, the newest first. Null if one is not such a key. */
export function parseEncryptionKeys(text: string): EncryptionKeys | null {
  const texts = text.split(",").map((item) => item.trim());
  const [first, ...rest] = texts.map((item) => Buffer.from(item, "base64"));
  const areKeys = [first, ...rest].every(
    (key, index) => key?.length === 32 && key.toString("base64") === texts[index],
  );
  return first !== undefined && areKeys ? [first, ...rest] : null;
}
