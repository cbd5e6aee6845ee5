import type { Db } from "../../db/database.js";

/** Those of `labels` that somebody has defined as scopes. */
export const findLabels = (db: Db, labels: readonly string[]): Promise<string[]> =>
  db("scopes")
    .whereIn("label", [...labels])
    .pluck("label");
