import type { Knex } from "knex";
import type { MetadataFilter } from "../domain/query.js";

/** Narrows `query` to rows whose `metadata` has all values of `filter`: under the key as it is, else along its path. */
export function whereMetadata(
  query: Knex.QueryBuilder,
  metadata: string,
  filter: MetadataFilter,
): void {
  for (const [key, value] of Object.entries(filter)) {
    if (key.includes("."))
      query.whereRaw(`coalesce(${metadata} ->> ?, ${metadata} #>> string_to_array(?, '.')) = ?`, [
        key,
        key,
        value,
      ]);
    else query.whereRaw(`${metadata} ->> ? = ?`, [key, value]);
  }
}
