import type { KeyReused } from "../../lib/idempotency.js";
import type { Micros } from "../../lib/time.js";
import type { ScriptProblem } from "../../numscript/problem.js";
import type { ScriptRefusal } from "../../numscript/refusal.js";

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
  | { readonly kind: "past-timestamp"; readonly given: Micros; readonly last: Micros }
  /** A contract of the mapping compares what is no integer. */
  | {
      readonly kind: "contract-undecidable";
      /** Its place in the mapping. */
      readonly contract: number;
      readonly name: string;
      readonly account: string;
      readonly problem: string;
    };

/** Why a script has made no transaction. */
export type ScriptFailure =
  | { readonly kind: "no-script" }
  | { readonly kind: "script-invalid"; readonly problems: readonly ScriptProblem[] }
  | {
      /** "failed" is what the script itself wants, by a statement "fail". */
      readonly kind: "script-refused" | "script-insufficient-funds" | "script-failed";
      readonly refusal: ScriptRefusal;
    }
  | { readonly kind: "script-without-postings" }
  /** It makes more of `what` than one transaction may have. */
  | { readonly kind: "script-excessive"; readonly what: string }
  | { readonly kind: "metadata-override"; readonly key: string };

/** Why a write was refused by what the ledger holds. Nothing has changed. */
export type Refusal =
  | TransactionRefusal
  | ScriptFailure
  | { readonly kind: "transaction-not-found"; readonly txid: bigint }
  | { readonly kind: "revert-not-found"; readonly txid: bigint }
  | { readonly kind: "already-reverted"; readonly txid: bigint }
  | (Shortfall & { readonly kind: "revert-insufficient-funds"; readonly txid: bigint })
  | KeyReused
  /** What it reads tells it what to read next, and so on for too long. */
  | { readonly kind: "too-many-reads" };
