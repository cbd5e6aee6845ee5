import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { cut } from "../lib/cut.js";
import { mendSurrogates } from "../lib/mendSurrogates.js";

/** The closed set of error codes of the REST contract. The exact reason travels in `google.rpc.ErrorInfo`. */
export type ErrorCode =
  | "INTERNAL"
  | "VALIDATION"
  | "NOT_FOUND"
  | "CONFLICT"
  | "INSUFFICIENT_FUND"
  | "NO_SCRIPT"
  | "COMPILATION_FAILED"
  | "METADATA_OVERRIDE";

/** What a caller is told of a refusal, on every protocol. */
export interface ApiErrorOptions {
  readonly code: Code;
  readonly errorCode: ErrorCode;
  readonly message: string;
  /** Machine-readable reason in UPPER_SNAKE_CASE, for RPC clients. */
  readonly reason: string;
  /** The numbers behind the reason, as text. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** HTTP status in REST, where it is not the usual one of `code`. */
  readonly httpStatus?: number;
  /** REST's `details`. */
  readonly details?: string;
  /** Response headers. Retry-After, in seconds, also becomes a `google.rpc.RetryInfo`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A refusal that the caller may see. Anything else that is thrown is a fault of ours.
 * It keeps the name "ConnectError": connect tells its own errors by that name, and would mask any other as internal.
 */
export class ApiError extends ConnectError {
  readonly errorCode: ErrorCode;
  readonly httpStatus: number | undefined;
  readonly restDetails: string | undefined;

  constructor(options: ApiErrorOptions) {
    const { code, errorCode, message, reason, metadata = {}, headers } = options;
    const retryAfter = headers?.["Retry-After"];
    // Of text that was cut short, half a character may be left: gRPC could not send it.
    super(mendSurrogates(cut(message)), code, headers, [
      {
        desc: ErrorInfoSchema,
        value: { reason, domain: "florin", metadata: { ...shorten(metadata), errorCode } },
      },
      ...(retryAfter === undefined
        ? []
        : [
            {
              desc: RetryInfoSchema,
              value: { retryDelay: { seconds: BigInt(retryAfter) } },
            } as const,
          ]),
    ]);
    this.errorCode = errorCode;
    this.httpStatus = options.httpStatus;
    this.restDetails = options.details;
  }

  /** By prototype, where ConnectError goes by name: a plain ConnectError is no ApiError. */
  static override [Symbol.hasInstance](value: unknown): value is ApiError {
    return Function.prototype[Symbol.hasInstance].call(ApiError, value);
  }
}

const shorten = (facts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, cut(fact)]));

/** All that callers learn of a fault of ours: where to find it in the log. */
export const internalError = (requestId: string | undefined): ApiError =>
  new ApiError({
    code: Code.Internal,
    errorCode: "INTERNAL",
    message: requestId === undefined ? "internal error" : `internal error (request ${requestId})`,
    reason: "INTERNAL",
  });
