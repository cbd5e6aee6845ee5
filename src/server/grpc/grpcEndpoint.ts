import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import {
  ConnectError,
  type ContextValues,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { createMethodSerializationLookup } from "@connectrpc/connect/protocol";
import { headerTimeout, parseTimeout } from "@connectrpc/connect/protocol-grpc";
import type { Logger } from "pino";
import { recordOfRequest } from "../callRecord.js";
import type { HttpRequest } from "../handler.js";
import { foldCall } from "../rest/foldCall.js";
import { methodRule } from "../rest/rules.js";
import { toRpcRequest } from "../rest/toRpcRequest.js";
import { callSignal } from "./callSignal.js";
import { readMessage } from "./readMessage.js";
import { answerCompression, writeAnswer, writeFailure } from "./writeAnswer.js";

export interface GrpcEndpointOptions {
  /** The chain that every protocol runs, outermost first. */
  readonly interceptors: readonly Interceptor[];
  /** For RPCs that state no limit of their own. */
  readonly defaultMaxBodyBytes: number;
  readonly contextValues: (request: HttpRequest) => ContextValues;
  readonly logger: Logger;
}

/** Answers requests for one RPC. */
export type GrpcEndpoint = (
  request: Http2ServerRequest,
  response: Http2ServerResponse,
) => Promise<void>;

/** As much as the length of a message can say. */
const NO_LIMIT = 0xffffffff;

/** The gRPC side of a unary `method`, for requests that are not compressed. */
export function grpcEndpoint(
  method: DescMethod,
  implementation: Partial<ServiceImpl<DescService>>,
  { interceptors, defaultMaxBodyBytes, contextValues, logger }: GrpcEndpointOptions,
): GrpcEndpoint {
  const call = foldCall(method, implementation, interceptors, "grpc");
  const maxBytes = methodRule(method).maxBodyBytes || defaultMaxBodyBytes;
  const limits = { readMaxBytes: maxBytes, writeMaxBytes: NO_LIMIT };
  const lookup = createMethodSerializationLookup(method, undefined, undefined, limits);
  const [input, output] = [lookup.getI(true), lookup.getO(true)];

  return async (request, response) => {
    const compression = answerCompression(request);
    const timeout = timeoutOf(request);
    const { signal, release } = callSignal(response, timeout.timeoutMs);
    try {
      if (timeout.error !== undefined) throw timeout.error;
      const message = input.parse(await readMessage(request, maxBytes)) as Message;
      const read = () => message;
      const answer = await call(
        toRpcRequest({ method, request, signal, contextValues: contextValues(request), read }),
      );
      if (answer.stream) throw new Error(`${method} answers with a stream`);
      const { header, trailer } = answer;
      const bytes = output.serialize(answer.message as never);
      await writeAnswer(response, { message: bytes, header, trailer }, compression);
    } catch (error) {
      if (!(error instanceof ConnectError)) {
        const requestId = recordOfRequest(request)?.requestId;
        logger.error({ err: error, requestId, rpc: String(method) }, "could not answer over gRPC");
      }
      writeFailure(response, error, compression);
    } finally {
      release();
    }
  };
}

function timeoutOf({ headers }: Http2ServerRequest) {
  const header = headers[headerTimeout.toLowerCase()];
  return parseTimeout(typeof header === "string" ? header : null, Number.MAX_SAFE_INTEGER);
}
