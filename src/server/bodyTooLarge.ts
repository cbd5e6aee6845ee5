import { Code } from "@connectrpc/connect";
import { ApiError } from "./apiError.js";

export const bodyTooLarge = (maxBytes: number): ApiError =>
  new ApiError({
    code: Code.ResourceExhausted,
    errorCode: "VALIDATION",
    httpStatus: 413,
    message: `request body is larger than ${maxBytes} bytes`,
    reason: "BODY_TOO_LARGE",
    metadata: { maxBytes: String(maxBytes) },
  });
