import { Code } from "@connectrpc/connect";
import { idempotencyErrors } from "../server/idempotencyErrors.js";
import type { ErrorTable } from "../server/unwrap.js";
import { LARGEST_METADATA } from "./domain/metadata.js";
import type { PaymentsFailure } from "./fault.js";
import { explain } from "./openConnector.js";

const invalid = { code: Code.InvalidArgument, errorCode: "VALIDATION" } as const;
const missing = { code: Code.NotFound, errorCode: "NOT_FOUND" } as const;

export const paymentsErrors: ErrorTable<PaymentsFailure> = {
  ...idempotencyErrors,
  "connector-unknown": { ...invalid, message: () => "there is no such connector" },
  "config-of-another": {
    ...invalid,
    message: ({ connector }) => `the configuration is not one of ${connector}`,
  },
  "duration-out-of-range": { ...invalid, message: ({ field }) => `${field} is no duration` },
  "invalid-cursor": { ...invalid, message: () => "invalid 'cursor' query param" },
  "invalid-sort": {
    ...invalid,
    message: ({ order }) => `sort order not well specified, got ${order}`,
  },
  "invalid-config": { ...invalid, message: explain },
  "not-installed": { ...missing, message: () => "not installed" },
  "already-installed": {
    code: Code.AlreadyExists,
    errorCode: "CONFLICT",
    message: () => "already installed",
  },
  "connector-missing": {
    code: Code.Unimplemented,
    errorCode: "INTERNAL",
    message: explain,
  },
  // The caller can do something about it: install anew.
  "config-unreadable": {
    code: Code.FailedPrecondition,
    errorCode: "VALIDATION",
    message: explain,
  },
  "transfer-invalid": { ...invalid, message: ({ problem }) => problem },
  "transfer-not-installed": { ...missing, message: () => "connector not installed" },
  "transfers-unsupported": { ...invalid, message: () => "connector does not support transfers" },
  "transfer-refused": { ...invalid, message: ({ problem }) => problem },
  "transfer-unconfirmed": {
    code: Code.Unavailable,
    errorCode: "INTERNAL",
    message: ({ problem, hasKey }) =>
      `${problem}; the transfer may have been made: ${hasKey ? "repeat with the same idempotency key" : "look for it before you repeat it"}`,
  },
  "payment-not-found": { ...missing, message: () => "payment not found" },
  "invalid-payment-id": { ...invalid, message: () => "invalid payment id" },
  "metadata-too-large": {
    ...invalid,
    message: ({ field, bytes }) =>
      `${field}: a payment has ${LARGEST_METADATA} bytes of keys and values at most, and would have ${bytes}`,
  },
  "task-not-found": { ...missing, message: () => "task not found" },
  "invalid-task-id": { ...invalid, message: () => "invalid task id: it must be a UUID" },
};
