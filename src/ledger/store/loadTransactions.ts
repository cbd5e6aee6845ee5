import type { Connection } from "../../db/database.js";
import type { Revertible } from "../domain/state.js";
import { logColumns, type TransactionRow, toTransaction } from "./logRow.js";

/** Those of the transactions `txids` that exist, by number, as a revert needs them. */
export async function loadTransactions(
  connection: Connection,
  ledger: number,
  txids: readonly bigint[],
): Promise<Map<bigint, Revertible>> {
  if (txids.length === 0) return new Map();
  const { rows } = await connection.query<TransactionRow>({
    name: "load_transactions",
    text: `
      select ${logColumns("logs.metadata || coalesce(later.metadata, '{}')")}
      from logs
      left join transaction_metadata later on later.ledger = $1 and later.txid = logs.txid
      where logs.ledger = $1 and logs.txid = any($2)`,
    values: [ledger, txids],
  });
  return new Map(
    rows.map((row) => {
      const { txid, postings, reference, metadata } = toTransaction(row);
      return [txid, { postings, reference, metadata }];
    }),
  );
}
