import type { Db } from "../db/database.js";
import { inTransaction } from "../db/transaction.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { AuthFailure } from "./domain/failure.js";
import { findSoleHolder } from "./store/clientScopes.js";
import * as scopes from "./store/scopes.js";

/** Deletes a scope, if there is one. Nobody becomes unrestricted by it: a client that has no other is in its way. */
export const deleteScope = (db: Db, scopeId: string): Promise<Result<null, AuthFailure>> =>
  inTransaction(db, async (trx) => {
    if (!(await scopes.lockScope(trx, scopeId))) return ok(null);
    const clientId = await findSoleHolder(trx, scopeId);
    if (clientId !== null) return fail({ kind: "only-scope", scopeId, clientId });
    await scopes.deleteScope(trx, scopeId);
    return ok(null);
  });
