import { brokenConstraint } from "../../db/brokenConstraint.js";
import type { Db } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { LabelTaken, ScopeNotFound } from "../domain/failure.js";
import type { ScopeOptions } from "../domain/scopeOptions.js";

/** Those of `labels` that somebody has defined as scopes. */
export const findLabels = (db: Db, labels: readonly string[]): Promise<string[]> =>
  db("scopes")
    .whereIn("label", [...labels])
    .pluck("label");

export interface Scope extends ScopeOptions {
  readonly id: string;
  /** Ids of the scopes that come with it. */
  readonly transient: readonly string[];
}

const COLUMNS = `id, label, metadata, array(
  select transient_scope_id from transient_scopes where scope_id = scopes.id order by 1
) as transient`;

/** All, oldest first. */
export const listScopes = (db: Db): Promise<Scope[]> =>
  db("scopes").orderBy(["created_at", "label"]).select(db.raw(COLUMNS));

export const findScope = async (db: Db, id: string): Promise<Result<Scope, ScopeNotFound>> => {
  const scope = await db("scopes").where({ id }).first(db.raw(COLUMNS));
  return scope ? ok(scope) : fail({ kind: "scope-not-found", scopeId: id });
};

export async function insertScope(
  db: Db,
  id: string,
  { label, metadata }: ScopeOptions,
): Promise<Result<Scope, LabelTaken>> {
  const [scope] = await db("scopes")
    .insert({ id, label, metadata })
    .onConflict("label")
    .ignore()
    .returning<Scope[]>(db.raw(COLUMNS));
  return scope ? ok(scope) : fail({ kind: "label-taken", label });
}

/** Replaces label and metadata of a scope. */
export async function replaceScope(
  db: Db,
  id: string,
  { label, metadata }: ScopeOptions,
): Promise<Result<Scope, ScopeNotFound | LabelTaken>> {
  try {
    const [scope] = await db("scopes")
      .where({ id })
      .update({ label, metadata })
      .returning<Scope[]>(db.raw(COLUMNS));
    return scope ? ok(scope) : fail({ kind: "scope-not-found", scopeId: id });
  } catch (error) {
    if (brokenConstraint(error) !== "scopes_label_unique") throw error;
    return fail({ kind: "label-taken", label });
  }
}

/** A scope that nobody attaches to anything until `trx` ends. False if there is none. */
export const lockScope = async (trx: Db, id: string): Promise<boolean> =>
  (await trx("scopes").where({ id }).forUpdate().first("id")) !== undefined;

/** Deletes a scope, also from clients and from scopes that it came with. */
export async function deleteScope(trx: Db, id: string): Promise<void> {
  await trx("scopes").where({ id }).delete();
}
