import { join } from "node:path";
import type { Db } from "../db/database.js";
import { inTransaction } from "../db/transaction.js";
import { secretFile } from "../lib/secretFile.js";
import { hashSecret, newSecret } from "./domain/secrets.js";
import { putSecret } from "./store/clientSecrets.js";
import { insertClientIfMissing } from "./store/clients.js";
import { isFirstClient, noteFirstClient } from "./store/firstClients.js";

export interface FirstClient {
  /** Null: "florin". */
  readonly id: string | null;
  /** Made to work at every start. Null: generated once, and never again, even if the client is deleted. */
  readonly secret: string | null;
  /** Where a generated secret is written down before it works; null for nowhere. */
  readonly folder: string | null;
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Where generated credentials are written: a token request as a form, so that `curl -d @file` logs in. Without a
 * newline at its end, which would belong to the secret.
 */
export const firstClientFile = (folder: string, id: string | null): string =>
  join(folder, `client-${encodeURIComponent(id ?? DEFAULT_CLIENT_ID)}.form`);

/** Of the first client, unless configured. */
export const DEFAULT_CLIENT_ID = "florin";

/** Sees to it that somebody can log in: an unrestricted client. Answers its credentials if this call generated them. */
export async function ensureFirstClient(
  db: Db,
  pepper: Uint8Array,
  { id, secret, folder }: FirstClient,
): Promise<Credentials | null> {
  const clientId = id ?? DEFAULT_CLIENT_ID;
  if (secret === null && (await isFirstClient(db, clientId))) return null;
  const credentials =
    secret === null ? await generate(clientId, folder) : { clientId, clientSecret: secret };
  return inTransaction(db, async (trx) => {
    const isFirst = await noteFirstClient(trx, clientId);
    if (isFirst || secret !== null) await putFirstClient(trx, pepper, credentials);
    return isFirst && secret === null ? credentials : null;
  });
}

/** New credentials, or those that an interrupted start has left in `folder`. */
async function generate(clientId: string, folder: string | null): Promise<Credentials> {
  const clientSecret = newSecret();
  if (folder === null) return { clientId, clientSecret };
  const path = firstClientFile(folder, clientId);
  const form = await secretFile(path, () => tokenRequest({ clientId, clientSecret }).toString());
  const kept = new URLSearchParams(form).get("client_secret");
  if (!kept) throw new Error(`${path} holds no client_secret: delete it and start again.`);
  return { clientId, clientSecret: kept };
}

/** The form that logs a machine client in. */
export const tokenRequest = ({ clientId, clientSecret }: Credentials): URLSearchParams =>
  new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  });

/** Its secret has a fixed id: one that is changed in the configuration replaces the old one. */
const SECRET_ID = "first";

async function putFirstClient(
  trx: Db,
  pepper: Uint8Array,
  { clientId, clientSecret }: Credentials,
) {
  await insertClientIfMissing(trx, {
    id: clientId,
    name: "first client",
    description: "Made at the start of the server.",
  });
  await putSecret(trx, {
    clientId,
    id: SECRET_ID,
    name: "first secret",
    hash: hashSecret(pepper, { clientId, id: SECRET_ID, secret: clientSecret }),
    lastDigits: clientSecret.slice(-4),
  });
}
