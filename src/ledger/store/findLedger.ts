import type { Db } from "../../db/database.js";
import { HEAD_COLUMNS, type HeadRow } from "./head.js";

/** The ledger called `name` as it stands; null if nothing was ever written to it. */
export async function findLedger(db: Db, name: string): Promise<HeadRow | null> {
  const { rows } = await db.raw<{ rows: HeadRow[] }>(
    `select ${HEAD_COLUMNS} from ledgers where name = ?`,
    [name],
  );
  return rows[0] ?? null;
}
