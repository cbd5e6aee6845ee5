// What Node and browsers have in common.
export { Code } from "@connectrpc/connect";
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
export { FlorinError } from "./florinError.js";
