import { fail, ok, type Result } from "../lib/result.js";
import type { Transaction } from "./domain/transaction.js";
import type { Ledger } from "./ledger.js";
import { readLedger } from "./readLedger.js";
import { readTransaction } from "./store/transactions.js";

export interface TransactionNotFound {
  readonly kind: "transaction-not-found";
  readonly txid: bigint;
}

/** A transaction, with its metadata of today and the volumes of its time. */
export async function getTransaction(
  ledger: Ledger,
  name: string,
  txid: bigint,
): Promise<Result<Transaction, TransactionNotFound>> {
  const transaction = await readLedger(ledger, name, null, (db, id) =>
    readTransaction(db, id, txid),
  );
  return transaction ? ok(transaction) : fail({ kind: "transaction-not-found", txid });
}
