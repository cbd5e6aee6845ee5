import { Code } from "@connectrpc/connect";
import { ApiError, internalError } from "./apiError.js";
import { isUnavailable } from "./interceptors/isUnavailable.js";

/** What callers are told of an error that was not meant for them. */
export const faultError = (error: unknown, requestId: string | undefined): ApiError =>
  isUnavailable(error) ? databaseUnavailable(requestId) : internalError(requestId);

const databaseUnavailable = (requestId: string | undefined) =>
  new ApiError({
    code: Code.Unavailable,
    errorCode: "INTERNAL",
    message: `the database cannot be reached, try again${requestId === undefined ? "" : ` (request ${requestId})`}`,
    reason: "DATABASE_UNAVAILABLE",
    headers: { "Retry-After": "1" },
  });
