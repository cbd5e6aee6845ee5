import type { Db } from "../../db/database.js";

/** How many idempotency keys of the ledger stand for logs that do not exist. Those of mappings have a foreign key. */
export async function countStrayAnswers(db: Db, ledger: number): Promise<bigint> {
  const { rows } = await db.raw<{ rows: { count: bigint }[] }>(
    `select count(*) from idempotency_keys where ledger = :ledger and mapping is null and not exists (
       select from logs where logs.ledger = :ledger and first_log >= 0 and first_log <= last_log and logs.id = last_log)`,
    { ledger },
  );
  return rows[0]?.count ?? 0n;
}
