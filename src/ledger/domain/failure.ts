import type { Micros } from "../../lib/time.js";

/** What can be wrong with one posting, in the words of the contract. */
export type PostingFault =
  | "no amount"
  | "invalid amount"
  | "amount too large"
  | "negative amount"
  | "invalid source address"
  | "invalid destination address"
  | "invalid asset";

/** What an account lacks: the first one, in the order of the postings, that would end below zero. */
interface Shortfall {
  readonly account: string;
  readonly asset: string;
  readonly available: bigint;
  /** By how much the transaction would lower the balance. */
  readonly needed: bigint;
}

/** Why a transaction cannot be committed. */
export type TransactionRefusal =
  | (Shortfall & { readonly kind: "insufficient-funds" })
  | { readonly kind: "reference-taken"; readonly reference: string }
  | { readonly kind: "past-timestamp"; readonly given: Micros; readonly last: Micros };

/** Why a write was refused by what the ledger holds. Nothing has changed. */
export type Refusal =
  | TransactionRefusal
  | { readonly kind: "transaction-not-found"; readonly txid: bigint }
  | { readonly kind: "revert-not-found"; readonly txid: bigint }
  | { readonly kind: "already-reverted"; readonly txid: bigint }
  | (Shortfall & { readonly kind: "revert-insufficient-funds"; readonly txid: bigint })
  | { readonly kind: "idempotency-key-reused"; readonly key: string };
