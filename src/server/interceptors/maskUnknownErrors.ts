import {
  Code,
  ConnectError,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import type { Logger } from "pino";
import { iterating } from "../../lib/iterating.js";
import { traceOf } from "../../lib/tracing.js";
import { recordOf } from "../callRecord.js";
import { faultError } from "../faultError.js";

/** Lets pass what is meant for callers. Of anything else they learn a request id, and the log the rest. */
export const maskUnknownErrors =
  (logger: Logger): Interceptor =>
  (next) =>
  async (request) => {
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: maskStream(response.message, request, logger) };
    } catch (error) {
      throw mask(error, request, logger);
    }
  };

const maskStream = <T>(
  messages: AsyncIterable<T>,
  request: UnaryRequest | StreamRequest,
  logger: Logger,
) =>
  iterating(messages, {
    onError(error) {
      throw mask(error, request, logger);
    },
  });

function mask(error: unknown, request: UnaryRequest | StreamRequest, logger: Logger): ConnectError {
  if (error instanceof ConnectError) return error;
  const { signal, service, method } = request;
  // What stopped because it was asked to is no fault, and nobody is left to be told.
  if (signal.aborted && (error === signal.reason || isAbort(error))) {
    return ConnectError.from(signal.reason, Code.Canceled);
  }
  const record = recordOf(request);
  const requestId = record?.requestId;
  const rpc = `${service.typeName}/${method.name}`;
  logger.error({ err: error, requestId, rpc, ...traceOf(record?.span) }, "call failed");
  return faultError(error, requestId);
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
