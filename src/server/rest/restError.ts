import { Code, type ConnectError } from "@connectrpc/connect";
import { ApiError, type ErrorCode } from "../apiError.js";
import type { HttpResponse } from "../handler.js";

/** An error as REST answers it. */
export interface RestError {
  readonly status: number;
  readonly errorCode: ErrorCode;
  readonly message: string;
  readonly details?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** HTTP status by gRPC code. */
export const STATUS: Readonly<Record<Code, number>> = {
  [Code.Canceled]: 499,
  [Code.Unknown]: 500,
  [Code.InvalidArgument]: 400,
  [Code.DeadlineExceeded]: 504,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.PermissionDenied]: 403,
  [Code.ResourceExhausted]: 429,
  [Code.FailedPrecondition]: 400,
  [Code.Aborted]: 409,
  [Code.OutOfRange]: 400,
  [Code.Unimplemented]: 501,
  [Code.Internal]: 500,
  [Code.Unavailable]: 503,
  [Code.DataLoss]: 500,
  [Code.Unauthenticated]: 401,
};

/** `error` for REST callers. Its metadata becomes response headers. */
export function toRestError(error: ConnectError): RestError {
  const isOurs = error instanceof ApiError;
  const status = (isOurs ? error.httpStatus : undefined) ?? STATUS[error.code] ?? 500;
  return {
    status,
    errorCode: isOurs ? error.errorCode : errorCodeOf(status),
    message: error.rawMessage,
    details: isOurs ? error.restDetails : undefined,
    headers: Object.fromEntries(error.metadata),
  };
}

/** The contract's codes are a closed set; where it names none for a status, this is the nearest. */
function errorCodeOf(status: number): ErrorCode {
  if (status === 404) return "NOT_FOUND";
  if (status === 409) return "CONFLICT";
  return status === 429 || status >= 499 ? "INTERNAL" : "VALIDATION";
}

/** JSON of an error. Both spellings of the keys are in the contract. */
export const printRestError = ({ errorCode, message, details }: RestError): string =>
  JSON.stringify({
    errorCode,
    errorMessage: message,
    ...(details !== undefined && { details }),
    error_code: errorCode,
    error_message: message,
  });

/** Answers with `error`: JSON, but to HEAD, whose answers have no body and then must name no type. */
export function writeRestError(response: HttpResponse, error: RestError): void {
  const body = response.req.method === "HEAD" ? "" : printRestError(withRequestId(response, error));
  const leavesBody = LEAVES_BODY.has(error.status) && !response.req.complete;
  response.writeHead(error.status, {
    ...(error.status === 401 && { "www-authenticate": "Bearer" }),
    ...error.headers,
    ...(body !== "" && {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    }),
    ...(leavesBody && response.req.httpVersionMajor === 1 && { connection: "close" }),
  });
  if (leavesBody) endUnread(response, body);
  else response.end(body);
}

/** A fault on our side names its request, for whoever asks us about it. */
function withRequestId(response: HttpResponse, error: RestError): RestError {
  const requestId = response.getHeader("x-request-id");
  if (error.status < 500 || requestId === undefined || error.details !== undefined) return error;
  const isNamed = error.message.includes(String(requestId));
  return isNamed ? error : { ...error, details: `request ${requestId}` };
}

/** Told before the body was read: it is too large, or in an encoding we do not read. */
const LEAVES_BODY: ReadonlySet<number> = new Set([413, 415]);

/** How long a client may go on sending what nobody reads. */
const LINGER_MS = 1_000;

/**
 * Ends an answer while its request is still being sent. Cut at once, the client would see a broken connection
 * instead of the answer: so what it sends is thrown away for a moment.
 */
function endUnread(response: HttpResponse, body: string): void {
  const { req: request } = response;
  response.write(body);
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.once("end", end).once("close", end).resume();
}
