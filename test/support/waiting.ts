import type { Db } from "../../src/db/database.js";

/** How many statements wait for a lock in this database. */
export async function waiting(db: Db): Promise<number> {
  const { rows } = await db.raw(
    "select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0].count;
}
