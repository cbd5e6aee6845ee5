import type { Db } from "../../db/database.js";

/** The first log of the ledger that is not among its `count` first ones; null if there is none. */
export async function findStrayLog(db: Db, ledger: number, count: bigint): Promise<bigint | null> {
  const { rows } = await db.raw<{ rows: { id: bigint }[] }>(
    "select id from logs where ledger = ? and (id < 0 or id >= ?) order by id limit 1",
    [ledger, String(count)],
  );
  return rows[0]?.id ?? null;
}
