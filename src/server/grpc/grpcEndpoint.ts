import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import {
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { headerTimeout, parseTimeout } from "@connectrpc/connect/protocol-grpc";
import type { Logger } from "pino";
import { interruptible } from "../../lib/interruptible.js";
import { iterating } from "../../lib/iterating.js";
import { fail, ok, type Result } from "../../lib/result.js";
import { traceOf } from "../../lib/tracing.js";
import { ApiError } from "../apiError.js";
import { recordOfRequest } from "../callRecord.js";
import { foldCall } from "../foldCall.js";
import type { HttpRequest } from "../handler.js";
import { methodRule } from "../rest/rules.js";
import { toRpcRequest } from "../toRpcRequest.js";
import { callEnd } from "./callEnd.js";
import { type ReadOptions, readMessage } from "./readMessage.js";
import { readMessages } from "./readMessages.js";
import { answerCompression, endAnswer, endWithError, envelope, writeHead } from "./writeAnswer.js";
import { writeMessages } from "./writeMessages.js";

export interface GrpcEndpointOptions {
  /** The chain that every protocol runs, outermost first. */
  readonly interceptors: readonly Interceptor[];
  /** For RPCs that state no limit of their own. */
  readonly defaultMaxBodyBytes: number;
  /** How long the one message of a call may take to arrive. */
  readonly messageTimeoutMs: number;
  readonly contextValues: (request: HttpRequest) => ContextValues;
  readonly logger: Logger;
}

/** Answers requests for one RPC. */
export type GrpcEndpoint = (
  request: Http2ServerRequest,
  response: Http2ServerResponse,
) => Promise<void>;

/** The gRPC side of `method`, for requests that are not compressed. */
export function grpcEndpoint(
  method: DescMethod,
  implementation: Partial<ServiceImpl<DescService>>,
  options: GrpcEndpointOptions,
): GrpcEndpoint {
  const { interceptors, contextValues, logger, messageTimeoutMs: timeoutMs } = options;
  const call = foldCall(method, implementation, interceptors, "grpc");
  const maxBytes = methodRule(method).maxBodyBytes || options.defaultMaxBodyBytes;
  const isUnary = method.methodKind === "unary";
  const isOne = isUnary || method.methodKind === "server_streaming";
  const parse = (bytes: Uint8Array) => parseMessage(method, bytes);
  const serialize = (message: Message) => toBinary(method.output, message);

  return async (request, response) => {
    const compression = answerCompression(request);
    const timeout = timeoutOf(request);
    const { cancellation, end } = callEnd(response, timeout.timeoutMs);
    const hasDeadline = timeout.timeoutMs !== undefined;
    /** The only message; a call that cannot begin fails inside its chain, which says first who may call at all. */
    async function readOne() {
      const limits = { maxBytes, timeoutMs, signal: hasDeadline ? cancellation.signal : null };
      const body = await tryRead(request, limits);
      const record = recordOfRequest(request);
      if (record && body.ok) record.bodyBytes = body.value.length;
      return {
        read() {
          if (timeout.error !== undefined) throw timeout.error;
          if (!body.ok) throw body.failure;
          return parse(body.value);
        },
      };
    }
    try {
      const messages = isOne ? await readOne() : readMessages(request, maxBytes, parse);
      if (!isOne && timeout.error !== undefined) throw timeout.error;
      const answer = await call(
        toRpcRequest({
          method,
          request,
          cancellation,
          contextValues: contextValues(request),
          messages,
        }),
      );
      if (answer.stream) {
        const { signal } = cancellation;
        const pieces = iterating(answer.message, { each: serialize });
        // Without a deadline nobody is to be told at once: whoever has left is noticed at the next message.
        const messages = hasDeadline ? interruptible(pieces, signal) : pieces;
        const open = () => writeHead(response, compression, answer.header);
        await writeMessages({ response, messages, compression, signal, open });
        endAnswer(response, answer.trailer);
      } else {
        const message = envelope(serialize(answer.message), compression);
        writeHead(response, compression, answer.header);
        endAnswer(response, answer.trailer, message instanceof Promise ? await message : message);
      }
    } catch (error) {
      if (!(error instanceof ConnectError)) {
        const record = recordOfRequest(request);
        const context = {
          requestId: record?.requestId,
          rpc: String(method),
          ...traceOf(record?.span),
        };
        logger.error({ err: error, ...context }, "could not answer over gRPC");
      }
      endWithError(response, error, compression);
    } finally {
      // What still runs for a stream is to stop, however that ended.
      end(isUnary ? undefined : new ConnectError("the stream is over", Code.Canceled));
    }
  };
}

const tryRead = (
  request: Http2ServerRequest,
  options: ReadOptions,
): Promise<Result<Uint8Array, unknown>> => readMessage(request, options).then(ok, fail);

function parseMessage({ input }: DescMethod, bytes: Uint8Array): Message {
  try {
    return fromBinary(input, bytes);
  } catch (error) {
    throw new ApiError({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      message: `the request is no ${input.typeName}: ${(error as Error).message}`,
      reason: "INVALID_BODY",
    });
  }
}

function timeoutOf({ headers }: Http2ServerRequest) {
  const header = headers[headerTimeout.toLowerCase()];
  return parseTimeout(typeof header === "string" ? header : null, Number.MAX_SAFE_INTEGER);
}
