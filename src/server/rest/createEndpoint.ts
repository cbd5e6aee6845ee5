import { randomUUID } from "node:crypto";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import type { Logger } from "pino";
import { fail, ok, type Result } from "../../lib/result.js";
import { traceOf } from "../../lib/tracing.js";
import { internalError } from "../apiError.js";
import { recordOfRequest } from "../callRecord.js";
import { untilClientLeaves } from "../cancellation.js";
import { foldCall } from "../foldCall.js";
import type { HttpRequest, HttpResponse } from "../handler.js";
import { spellingsKey } from "../spelling.js";
import { toRpcRequest } from "../toRpcRequest.js";
import { answerWriter } from "./answerWriter.js";
import type { FoundRoute } from "./createRoutes.js";
import { eventWriter } from "./eventWriter.js";
import { readBody } from "./readBody.js";
import { printRestError, toRestError, writeRestError } from "./restError.js";
import { methodRule } from "./rules.js";

export interface EndpointOptions {
  /** The chain that every protocol runs, outermost first. */
  readonly interceptors: readonly Interceptor[];
  /** For RPCs that state no limit of their own. */
  readonly defaultMaxBodyBytes: number;
  readonly logger: Logger;
  readonly contextValues?: (request: HttpRequest) => ContextValues;
  /** Between two comments in an idle event stream. */
  readonly heartbeatMs?: number;
}

/** Answers requests that were routed to one RPC. */
export type Endpoint = (
  found: FoundRoute,
  request: HttpRequest,
  response: HttpResponse,
) => Promise<void>;

const HEARTBEAT_MS = 15_000;

/** The REST side of `method`. */
export function createEndpoint(
  method: DescMethod,
  implementation: Partial<ServiceImpl<DescService>>,
  options: EndpointOptions,
): Endpoint {
  const { interceptors, logger, contextValues = () => createContextValues() } = options;
  const call = foldCall(method, implementation, interceptors, "rest");
  const maxBodyBytes = methodRule(method).maxBodyBytes || options.defaultMaxBodyBytes;
  const isStream = method.methodKind !== "unary";
  const writeAnswer = answerWriter(method);
  const writeEvents = eventWriter(method, options.heartbeatMs ?? HEARTBEAT_MS);

  const told = (error: unknown, request: HttpRequest, response: HttpResponse) => {
    if (error instanceof ConnectError) return toRestError(error);
    const requestId = String(response.getHeader("x-request-id") ?? randomUUID());
    const trace = traceOf(recordOfRequest(request)?.span);
    const context = { requestId, rpc: String(method), ...trace };
    logger.error({ err: error, ...context }, "could not answer over REST");
    return { ...toRestError(internalError(requestId)), headers: { "x-request-id": requestId } };
  };

  return async ({ binding, params, query }, request, response) => {
    const cancellation = untilClientLeaves(response);
    try {
      const values = contextValues(request);
      const body = await tryRead(request, binding.hasBody ? maxBodyBytes : null);
      const read = () => {
        if (!body.ok) throw body.failure;
        const { message, spellings } = binding.read({ params, query, body: body.value });
        if (spellings.size > 0) values.set(spellingsKey, spellings);
        return message;
      };
      const answer = await call(
        toRpcRequest({
          method,
          request,
          cancellation,
          contextValues: values,
          messages: { read },
        }),
      );
      if (answer.stream) {
        await writeEvents({
          messages: answer.message,
          headers: answer.header,
          response,
          signal: cancellation.signal,
          printError: (error) => printRestError(told(error, request, response)),
        });
      } else if (!cancellation.aborted) writeAnswer(answer.message, answer.header, response);
    } catch (error) {
      if (!cancellation.aborted) writeRestError(response, told(error, request, response));
    } finally {
      // However it ended: what listens to the signal, or still waits for the next message, is to stop.
      if (isStream) cancellation.abort(new ConnectError("the stream is over", Code.Canceled));
    }
  };
}

/** The body, or why it cannot be had: that is for the call to say, once its caller is known. */
const tryRead = (
  request: HttpRequest,
  maxBytes: number | null,
): Promise<Result<Uint8Array, unknown>> =>
  maxBytes === null
    ? Promise.resolve(ok(new Uint8Array()))
    : readBody(request, maxBytes).then(ok, fail);
