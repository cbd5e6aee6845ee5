import type { Knex } from "knex";
import type { Pattern } from "../domain/pattern.js";

/** Narrows `query` to the accounts that `pattern` names. */
export function whereAddress(query: Knex.QueryBuilder, pattern: Pattern): void {
  if (pattern.kind === "address") query.where("accounts.address", pattern.address);
  else query.where("accounts.address", "~", pattern.regex);
}
