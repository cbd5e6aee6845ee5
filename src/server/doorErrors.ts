import { Code } from "@connectrpc/connect";
import type { ErrorTable } from "./unwrap.js";

/** Why there is no room for a call. Nothing was done for it. */
export type NoRoom = { readonly kind: "queue-full" } | { readonly kind: "server-full" };

const busy = {
  code: Code.ResourceExhausted,
  errorCode: "INTERNAL",
  httpStatus: 503,
  headers: () => ({ "Retry-After": "1" }),
} as const;

export const doorErrors: ErrorTable<NoRoom> = {
  "queue-full": {
    ...busy,
    message: () => "too many writes wait for this ledger: try again later",
  },
  "server-full": { ...busy, message: () => "too many calls are under way: try again later" },
};
