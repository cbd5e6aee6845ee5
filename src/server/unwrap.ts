import type { Code } from "@connectrpc/connect";
import type { Result } from "../lib/result.js";
import { ApiError, type ErrorCode } from "./apiError.js";

/** How one kind of failure is told to callers. */
export interface ErrorRow<F> {
  readonly code: Code;
  readonly errorCode: ErrorCode;
  readonly message: (failure: F) => string;
  /** HTTP status in REST, where it is not the usual one of `code`. */
  readonly httpStatus?: number;
  /** What the metadata of `google.rpc.ErrorInfo` says, if not the fields of the failure. */
  readonly facts?: (failure: F) => Record<string, string>;
  readonly details?: (failure: F) => string;
  readonly headers?: (failure: F) => Record<string, string>;
}

/** One row for each kind of failure: a kind without a row does not compile. */
export type ErrorTable<F extends { readonly kind: string }> = {
  readonly [K in F["kind"]]: ErrorRow<Extract<F, { readonly kind: K }>>;
};

/** The value of `result`, or its failure thrown as the table says. */
export function unwrap<T, F extends { readonly kind: string }>(
  result: Result<T, F>,
  table: ErrorTable<F>,
): T {
  if (result.ok) return result.value;
  throw toApiError(result.failure, table);
}

/** `failure` as the table tells it: its fields, or the facts that its row makes of them, become the metadata of `google.rpc.ErrorInfo`. */
export function toApiError<F extends { readonly kind: string }>(
  failure: F,
  table: ErrorTable<F>,
): ApiError {
  const row = table[failure.kind as F["kind"]] as ErrorRow<F>;
  const { kind, ...fields } = failure;
  return new ApiError({
    code: row.code,
    errorCode: row.errorCode,
    message: row.message(failure),
    reason: kind.toUpperCase().replaceAll("-", "_"),
    metadata: row.facts?.(failure) ?? texts(fields),
    ...(row.httpStatus !== undefined && { httpStatus: row.httpStatus }),
    ...(row.details && { details: row.details(failure) }),
    ...(row.headers && { headers: row.headers(failure) }),
  });
}

const texts = (fields: object): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
