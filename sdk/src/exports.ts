// What Node and browsers have in common.
export { type CallOptions, Code } from "@connectrpc/connect";
export {
  type Asset,
  formatAmount,
  formatMonetary,
  type Monetary,
  parseAmount,
  parseAsset,
  parseMonetary,
} from "./amounts.js";
export type { Florin, FlorinOptions } from "./florin.js";
export { FlorinError, InsufficientFundsError } from "./florinError.js";
export type { LedgerClient } from "./ledgerClient.js";
export type { List } from "./pages.js";
export type { PaymentsClient } from "./paymentsClient.js";
export type { Retry } from "./retries.js";
