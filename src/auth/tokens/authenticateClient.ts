import type { Db } from "../../db/database.js";
import { isServableId } from "../domain/clientOptions.js";
import { isSecret, type StoredSecret } from "../domain/secrets.js";
import { findCredentials } from "../store/credentials.js";
import type { ClientClaim } from "./readClaim.js";

/** A client that has proven who it is; a public one has nothing to prove it with. */
export interface ClientLogin {
  readonly clientId: string;
  readonly isPublic: boolean;
  /** May ask about tokens of others. */
  readonly isTrusted: boolean;
}

export interface AuthenticateClientOptions {
  readonly db: Db;
  readonly pepper: Uint8Array;
}

/** Compared with where there is nothing to compare with: refusing an unknown client is as much work as a wrong secret. */
const NOBODY: StoredSecret = { clientId: "", id: "", hash: Buffer.alloc(32) };

/** Null for an unknown client and a wrong secret alike. */
export async function authenticateClient(
  { db, pepper }: AuthenticateClientOptions,
  { clientId, secret }: ClientClaim,
): Promise<ClientLogin | null> {
  const found = isServableId(clientId) ? await findCredentials(db, clientId) : null;
  const secrets = found?.secrets.length ? found.secrets : [NOBODY];
  const isProven = secret !== null && secrets.some((stored) => isSecret(pepper, stored, secret));
  if (found === null) return null;
  const { isPublic, isTrusted } = found;
  const isAllowed = isPublic ? secret === null : isProven;
  return isAllowed ? { clientId, isPublic, isTrusted } : null;
}
