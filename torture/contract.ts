import type { JsonObject } from "./history.js";

/** The only contract of a mapping, of that name: it is unique. It covers an account that nobody uses. */
export const contractOf = (name: string): JsonObject => ({
  name,
  account: "nobody",
  expr: { $gte: ["$balance", 0] },
});
