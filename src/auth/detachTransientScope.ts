import type { Db } from "../db/database.js";
import { ok, type Result } from "../lib/result.js";
import type { ScopeNotFound } from "./domain/failure.js";
import { findScope } from "./store/scopes.js";
import { deleteTransientScope, type TransientScope } from "./store/transientScopes.js";

/** Lets a scope no longer come with another, if it does. */
export async function detachTransientScope(
  db: Db,
  link: TransientScope,
): Promise<Result<null, ScopeNotFound>> {
  for (const id of [link.scopeId, link.transientScopeId]) {
    const scope = await findScope(db, id);
    if (!scope.ok) return scope;
  }
  await deleteTransientScope(db, link);
  return ok(null);
}
