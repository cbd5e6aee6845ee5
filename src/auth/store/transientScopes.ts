import { brokenConstraint } from "../../db/brokenConstraint.js";
import type { Db } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { ScopeNotFound } from "../domain/failure.js";

/** Which scope comes with which. */
export interface TransientScope {
  readonly scopeId: string;
  readonly transientScopeId: string;
}

/** Lets a scope come with another, if it does not yet. */
export async function insertTransientScope(
  db: Db,
  { scopeId, transientScopeId }: TransientScope,
): Promise<Result<null, ScopeNotFound>> {
  try {
    await db("transient_scopes")
      .insert({ scope_id: scopeId, transient_scope_id: transientScopeId })
      .onConflict(["scope_id", "transient_scope_id"])
      .ignore();
    return ok(null);
  } catch (error) {
    switch (brokenConstraint(error)) {
      case "transient_scopes_scope_id_fkey":
        return fail({ kind: "scope-not-found", scopeId });
      case "transient_scopes_transient_scope_id_fkey":
        return fail({ kind: "scope-not-found", scopeId: transientScopeId });
      default:
        throw error;
    }
  }
}

export async function deleteTransientScope(
  db: Db,
  { scopeId, transientScopeId }: TransientScope,
): Promise<void> {
  await db("transient_scopes")
    .where({ scope_id: scopeId, transient_scope_id: transientScopeId })
    .delete();
}
