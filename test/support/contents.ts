import type { Db } from "../../src/db/database.js";

/** Every row of every table but `except`, as text: the same before and after if nothing has changed. */
export async function contents(db: Db, except: readonly string[] = []): Promise<string[]> {
  const tables: string[] = await db("pg_tables")
    .where({ schemaname: "public" })
    .whereNotIn("tablename", [...except])
    .pluck("tablename");
  const reads = tables.map((table) =>
    db.raw("/* test */ select ? || t::text as row from ?? t", [table, table]),
  );
  const found = await Promise.all(reads);
  return found.flatMap((result) => result.rows.map(({ row }: { row: string }) => row)).toSorted();
}
