import type { Connection } from "../../db/database.js";

/** Whether the transaction that PostgreSQL knows as `xid` was committed, not long ago. Throws if there was none yet. */
export async function isCommitted(connection: Connection, xid: string): Promise<boolean> {
  const { rows } = await connection.query<{ status: string | null }>(
    "select pg_xact_status($1) as status",
    [xid],
  );
  return rows[0]?.status === "committed";
}
