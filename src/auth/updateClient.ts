import type { Db } from "../db/database.js";
import { inTransaction } from "../db/transaction.js";
import type { Result } from "../lib/result.js";
import type { ClientOptions } from "./domain/clientOptions.js";
import type { ClientNotFound } from "./domain/failure.js";
import { lockClient, type ManagedClient, replaceClient } from "./store/managedClients.js";
import { deleteClientRecords } from "./store/oidcRecords.js";

/**
 * Replaces what was decided about a client. Becoming public or confidential ends its logins: what it got while it had
 * a secret to show must not work without one.
 */
export const updateClient = (
  db: Db,
  id: string,
  options: ClientOptions,
): Promise<Result<ManagedClient, ClientNotFound>> =>
  inTransaction(db, async (trx) => {
    const before = await lockClient(trx, id);
    if (!before.ok) return before;
    if (before.value.isPublic !== options.isPublic) await deleteClientRecords(trx, id);
    return replaceClient(trx, id, options);
  });
