import type { Knex } from "knex";
import type { Position } from "../../lib/page.js";

/** Narrows `query` to the first `limit` rows from `position` on, the nearest first. `column` holds the keys. */
export function seek(
  query: Knex.QueryBuilder,
  column: string,
  position: Position | null,
  limit: number,
): Knex.QueryBuilder {
  if (position && "from" in position) query.where(column, ">=", position.from);
  else if (position) query.where(column, "<", position.below);
  return query.orderBy(column, orderOf(position)).limit(limit);
}

/** The order in which rows from `position` on are read. */
export const orderOf = (position: Position | null): "asc" | "desc" =>
  position && "from" in position ? "asc" : "desc";
