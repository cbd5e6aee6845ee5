import { Code } from "@connectrpc/connect";
import type { InvalidKey, KeyReused } from "../lib/idempotency.js";
import type { ErrorTable } from "./unwrap.js";

const invalid = { code: Code.InvalidArgument, errorCode: "VALIDATION" } as const;

/** What is wrong with an idempotency key, the same in every service. */
export const idempotencyErrors: ErrorTable<InvalidKey | KeyReused> = {
  "invalid-idempotency-key": {
    ...invalid,
    message: () => "invalid idempotency key: it must have 1 to 255 characters",
  },
  "idempotency-key-reused": {
    ...invalid,
    message: () => "the idempotency key was used for another request",
  },
};
