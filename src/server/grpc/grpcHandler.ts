import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Handler } from "../handler.js";
import type { RestService } from "../rest/restHandler.js";
import { type GrpcEndpoint, type GrpcEndpointOptions, grpcEndpoint } from "./grpcEndpoint.js";

export interface GrpcHandlerOptions extends GrpcEndpointOptions {
  readonly services: readonly RestService[];
  /** Answers all else. */
  readonly fallback: Handler;
}

const PLAIN_TYPES: ReadonlySet<unknown> = new Set(["application/grpc", "application/grpc+proto"]);
const NO_ENCODING: ReadonlySet<unknown> = new Set([undefined, "identity"]);

/**
 * Answers unary calls of gRPC over HTTP/2, in protobuf and not compressed, at a third of what connect spends on one:
 * without its iterables, and with interceptors folded once.
 */
export function createGrpcHandler(options: GrpcHandlerOptions): Handler {
  const { services, fallback, logger } = options;
  const endpoints = new Map<string, GrpcEndpoint>();
  for (const { service, implementation } of services) {
    for (const method of service.methods) {
      // Connect says of what is not implemented that it is not.
      if (method.methodKind !== "unary" || !implementation[method.localName]) continue;
      const path = `/${service.typeName}/${method.name}`;
      endpoints.set(path, grpcEndpoint(method, implementation, options));
    }
  }
  return (request, response) => {
    if (request instanceof Http2ServerRequest && response instanceof Http2ServerResponse) {
      const endpoint = isPlain(request) ? endpoints.get(request.url) : undefined;
      if (endpoint !== undefined) {
        endpoint(request, response).catch((error) => {
          logger.error({ err: error }, "a gRPC answer broke off");
          response.stream.destroy();
        });
        return;
      }
    }
    fallback(request, response);
  };
}

/** Whoever names a host that makes no URL is refused as connect refuses it. */
const isPlain = ({ method, headers, authority }: Http2ServerRequest): boolean =>
  method === "POST" &&
  PLAIN_TYPES.has(headers["content-type"]) &&
  NO_ENCODING.has(headers["grpc-encoding"]) &&
  URL.canParse(`http://${authority}`);
