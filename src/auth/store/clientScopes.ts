import { brokenConstraint } from "../../db/brokenConstraint.js";
import type { Db } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { ClientNotFound, ScopeNotFound } from "../domain/failure.js";

/** Which scope of which client. */
export interface ClientScope {
  readonly clientId: string;
  readonly scopeId: string;
}

/** Attaches a scope to a client, if it is not attached yet. */
export async function insertClientScope(
  db: Db,
  { clientId, scopeId }: ClientScope,
): Promise<Result<null, ClientNotFound | ScopeNotFound>> {
  try {
    await db("client_scopes")
      .insert({ client_id: clientId, scope_id: scopeId })
      .onConflict(["client_id", "scope_id"])
      .ignore();
    return ok(null);
  } catch (error) {
    switch (brokenConstraint(error)) {
      case "client_scopes_client_id_fkey":
        return fail({ kind: "client-not-found", clientId });
      case "client_scopes_scope_id_fkey":
        return fail({ kind: "scope-not-found", scopeId });
      default:
        throw error;
    }
  }
}

export async function deleteClientScope(
  trx: Db,
  { clientId, scopeId }: ClientScope,
): Promise<void> {
  await trx("client_scopes").where({ client_id: clientId, scope_id: scopeId }).delete();
}

/** The first client that has this scope and no other; null for none. Locks all clients that have it. */
export async function findSoleHolder(trx: Db, scopeId: string): Promise<string | null> {
  const holders = trx("client_scopes").where({ scope_id: scopeId }).select("client_id");
  const ids = await trx("clients")
    .whereIn("id", holders)
    .orderBy("id")
    .forUpdate()
    .pluck<string[]>("id");
  // A statement of its own: it sees what those did who held the locks before.
  const [sole] = await trx("client_scopes")
    .whereIn("client_id", ids)
    .groupBy("client_id")
    .havingRaw("bool_and(scope_id = ?)", [scopeId])
    .orderBy("client_id")
    .pluck<string[]>("client_id");
  return sole ?? null;
}
