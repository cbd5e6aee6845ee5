import { randomUUID } from "node:crypto";
import type { Db } from "../db/database.js";
import { inTransaction } from "../db/transaction.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { AuthFailure } from "./domain/failure.js";
import type { SecretOptions } from "./domain/secretOptions.js";
import { hashSecret, newSecret } from "./domain/secrets.js";
import { countSecrets, putSecret } from "./store/clientSecrets.js";
import { lockClient, type SecretLabel } from "./store/managedClients.js";

/** Each login tries them all. */
const MOST_SECRETS = 100;

/** A secret as only its maker sees it. */
export interface CreatedSecret extends SecretLabel {
  readonly clear: string;
}

/** Makes a secret for a client, beside those it has. */
export const createSecret = (
  db: Db,
  pepper: Uint8Array,
  clientId: string,
  options: SecretOptions,
): Promise<Result<CreatedSecret, AuthFailure>> =>
  inTransaction(db, async (trx) => {
    const client = await lockClient(trx, clientId);
    if (!client.ok) return client;
    if (client.value.isPublic) return fail({ kind: "public-client", clientId });
    if ((await countSecrets(trx, clientId)) >= MOST_SECRETS) {
      return fail({ kind: "too-many-secrets", clientId, limit: MOST_SECRETS });
    }
    const [id, clear] = [randomUUID(), newSecret()];
    const label = { ...options, id, lastDigits: clear.slice(-4) };
    const hash = hashSecret(pepper, { clientId, id, secret: clear });
    await putSecret(trx, { ...label, clientId, hash });
    return ok({ ...label, clear });
  });
