import type { Connection } from "../../db/database.js";
import type { Metadata } from "../domain/metadata.js";

/** The metadata of those of `accounts` that exist, by address. */
export async function loadMetadata(
  connection: Connection,
  ledger: number,
  accounts: readonly string[],
): Promise<Map<string, Metadata>> {
  if (accounts.length === 0) return new Map();
  const { rows } = await connection.query<{ address: string; metadata: Metadata }>({
    name: "load_metadata",
    text: "select address, metadata from accounts where ledger = $1 and address = any($2)",
    values: [ledger, accounts],
  });
  return new Map(rows.map(({ address, metadata }) => [address, metadata]));
}
