import type { Db } from "../../db/database.js";
import type { Transfer } from "../domain/transfer.js";

/** The transfers that were asked of an installation, newest first. */
export const listTransfers = (db: Db, connector: string): Promise<Transfer[]> =>
  db("transfers")
    .select("id", "source", "destination", "amount", "asset", "status", "error")
    .where({ connector })
    .orderBy([
      { column: "created_at", order: "desc" },
      { column: "id", order: "desc" },
    ]);
