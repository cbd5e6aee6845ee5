import type { InvalidKey } from "../lib/idempotency.js";
import type { PostingFault } from "./domain/failure.js";
import type { MappingFault } from "./domain/mapping.js";

/** What is wrong with a request, whatever the ledger holds. */
export type RequestFault =
  | { readonly kind: "malformed-field"; readonly field: string; readonly problem: string }
  | { readonly kind: "invalid-ledger-name"; readonly ledger: string }
  | { readonly kind: "invalid-address"; readonly address: string }
  | { readonly kind: "invalid-metadata" }
  | { readonly kind: "invalid-reference" }
  | InvalidKey
  | { readonly kind: "invalid-time"; readonly field: string }
  | { readonly kind: "postings-or-script" }
  | { readonly kind: "invalid-runtime" }
  | { readonly kind: "no-transactions" }
  | { readonly kind: "no-postings"; readonly transaction: number }
  | { readonly kind: "script-in-batch"; readonly transaction: number }
  | { readonly kind: "invalid-posting"; readonly posting: number; readonly fault: PostingFault }
  | {
      readonly kind: "invalid-batch-posting";
      readonly transaction: number;
      readonly posting: number;
      readonly fault: PostingFault;
    }
  | MappingFault
  | { readonly kind: "invalid-balance" }
  | { readonly kind: "invalid-balance-operator" }
  | { readonly kind: "invalid-expectation" }
  | { readonly kind: "invalid-cursor"; readonly parameter: string }
  | { readonly kind: "cursor-companion"; readonly parameter: string }
  | { readonly kind: "invalid-pattern"; readonly parameter: string };
