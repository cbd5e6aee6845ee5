import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A secret as it is kept. */
export interface StoredSecret {
  readonly clientId: string;
  readonly id: string;
  readonly hash: Uint8Array;
}

/** 256 random bits, in characters that need no escaping in forms and headers. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/**
 * What is kept of a secret. The pepper is not in the database in clear, so a copy of the database does not let anybody
 * guess even a weak secret; client and id make equal secrets look different.
 */
export const hashSecret = (
  pepper: Uint8Array,
  { clientId, id, secret }: { clientId: string; id: string; secret: string },
): Buffer => createHmac("sha256", pepper).update(`${id} ${clientId} ${secret}`).digest();

/** Whether `secret` is the stored one; takes the same time either way. */
export const isSecret = (
  pepper: Uint8Array,
  { clientId, id, hash }: StoredSecret,
  secret: string,
): boolean => timingSafeEqual(hash, hashSecret(pepper, { clientId, id, secret }));
