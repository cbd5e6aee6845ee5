import { Code } from "@connectrpc/connect";
import { ApiError } from "../apiError.js";

/** The refusal of a request that cannot be read. `reason` says which part of it. */
export const invalid = (
  reason: "INVALID_BODY" | "INVALID_PARAMETER" | "INVALID_URL",
  message: string,
): ApiError =>
  new ApiError({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    message,
    reason,
  });
