import type { Db } from "../db/database.js";
import { inTransaction } from "../db/transaction.js";
import { ok, type Result } from "../lib/result.js";
import type { AuthFailure } from "./domain/failure.js";
import { type ClientScope, deleteClientScope } from "./store/clientScopes.js";
import { lockClient } from "./store/managedClients.js";
import { findScope } from "./store/scopes.js";

/** Detaches a scope from a client, its last one too: the client is unrestricted then, by the caller's own word. */
export const detachScope = (db: Db, link: ClientScope): Promise<Result<null, AuthFailure>> =>
  inTransaction(db, async (trx) => {
    // Locked, so that a scope that is being deleted does not take what is then the client's last one.
    const client = await lockClient(trx, link.clientId);
    if (!client.ok) return client;
    const scope = await findScope(trx, link.scopeId);
    if (!scope.ok) return scope;
    await deleteClientScope(trx, link);
    return ok(null);
  });
