import type { Connection } from "../../db/database.js";

/** Those of `references` that transactions of the ledger have. */
export async function loadReferences(
  connection: Connection,
  ledger: number,
  references: readonly string[],
): Promise<string[]> {
  if (references.length === 0) return [];
  const { rows } = await connection.query<{ reference: string }>({
    name: "load_references",
    text: "select reference from logs where ledger = $1 and reference = any($2)",
    values: [ledger, references],
  });
  return rows.map(({ reference }) => reference);
}
