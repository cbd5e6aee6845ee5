import { type DescService, getOption } from "@bufbuild/protobuf";
import type { ConnectRouter, Interceptor, ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Logger } from "pino";
import { method as methodRule } from "../../gen/florin/rest/v1/options_pb.js";
import type { Tracing } from "../lib/tracing.js";
import { blameSender, blameSenderOf } from "./blameSender.js";
import { contextValuesOf } from "./callRecord.js";
import { compressions } from "./compressions.js";
import { allowOrigins } from "./cors.js";
import type { Door } from "./door.js";
import { createGrpcHandler } from "./grpc/grpcHandler.js";
import type { Handler, HttpRequest, HttpResponse } from "./handler.js";
import { answerHealth, type Probe } from "./health.js";
import { defaultLimits } from "./listener/limits.js";
import type { Metrics } from "./metrics.js";
import { observeRequests } from "./observeRequests.js";
import { refuseLate } from "./refuseLate.js";
import { refuseRepeated } from "./refuseRepeated.js";
import { writeRestError } from "./rest/restError.js";
import { createRestHandler, type RestService } from "./rest/restHandler.js";

/** Answers a request and says true, or leaves it alone. */
export type Page = (request: HttpRequest, response: HttpResponse) => boolean;

export interface HandlerOptions {
  /** Served on every protocol. */
  readonly services: readonly RestService[];
  /** Served over RPC alone: they have no REST form, and are open to all. */
  readonly rpcServices: readonly RestService[];
  /** The chain that every call runs, outermost first. */
  readonly interceptors: Interceptor[];
  /** For REST, which asks there before it reads anything; RPCs ask in the chain. */
  readonly door: Door;
  /** What is neither RPC nor REST, in this order. */
  readonly pages: readonly Page[];
  /** Null: any. */
  readonly corsOrigins: readonly string[] | null;
  readonly probe: Probe;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** How many proxies in front of us append to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Default: no spans. */
  readonly tracing?: Tracing | null;
}

/** `service` with those of its RPCs that exist yet. */
export const implement = <S extends DescService>(
  service: S,
  implementation: Partial<ServiceImpl<S>>,
): RestService =>
  // The server calls each method with the messages of its own descriptor, which is all that `S` says.
  ({ service, implementation }) as RestService;

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Where nobody has to say who calls: health and reflection are asked by name. Streams would else keep any amount. */
const MAX_OPEN_BYTES = 16 * 1024;

/** Left to itself, connect would put U+FFFD in the place of bytes that are not UTF-8. */
const STRICT_JSON = {
  ignoreUnknownFields: true,
  textDecoder: new TextDecoder("utf-8", { fatal: true }),
};

/** Answers every request that reaches the port: health, plain gRPC, other RPC, REST, pages, else 404. */
export function createHandler(options: HandlerOptions): Handler {
  const { services, rpcServices, interceptors, door, pages, logger } = options;
  const rest = createRestHandler({
    services,
    interceptors,
    door,
    defaultMaxBodyBytes: MAX_BODY_BYTES,
    contextValues: contextValuesOf,
    logger,
  });
  const turnToPages = (request: HttpRequest, response: HttpResponse) => {
    if (pages.some((page) => page(request, response))) return;
    writeRestError(response, { status: 404, errorCode: "NOT_FOUND", message: "no such route" });
  };
  const rpc = connectNodeAdapter({
    interceptors: [blameSender(), ...interceptors],
    acceptCompression: [...compressions],
    contextValues: contextValuesOf,
    readMaxBytes: MAX_BODY_BYTES,
    jsonOptions: STRICT_JSON,
    routes: (router) => {
      for (const service of services) register(router, service);
      for (const { service, implementation } of rpcServices) {
        router.service<DescService>(service, implementation, { readMaxBytes: MAX_OPEN_BYTES });
      }
      router.handlers.push(...router.handlers.splice(0).map(blameSenderOf));
    },
    fallback: (request, response) =>
      rest.handle(request, response, () => turnToPages(request, response)),
  });
  const grpc = createGrpcHandler({
    services: [
      ...services,
      ...rpcServices.map((service) => ({ ...service, maxBodyBytes: MAX_OPEN_BYTES })),
    ],
    interceptors,
    defaultMaxBodyBytes: MAX_BODY_BYTES,
    messageTimeoutMs: defaultLimits.requestTimeoutMs,
    contextValues: contextValuesOf,
    logger,
    fallback: rpc,
  });
  const inTime = refuseLate(refuseRepeated(grpc), door, pathsOf(services));
  const served = answerHealth(inTime, options.probe);
  const handler = allowOrigins(served, options.corsOrigins);
  return observeRequests(handler, options, rest.routeOf);
}

/** Where the unary RPCs of `services` are. */
const pathsOf = (services: readonly RestService[]): ReadonlySet<string> =>
  new Set(
    services.flatMap(({ service }) =>
      service.methods
        .filter(({ methodKind }) => methodKind === "unary")
        .map(({ name }) => `/${service.typeName}/${name}`),
    ),
  );

/** All RPCs of a service; those without an implementation answer UNIMPLEMENTED. */
function register(router: ConnectRouter, { service, implementation }: RestService): void {
  router.service<DescService>(service, implementation);
  for (const method of service.methods) {
    const { maxBodyBytes } = getOption(method, methodRule);
    const implemented = implementation[method.localName];
    // Comes after, and so replaces the one above.
    if (maxBodyBytes > 0 && implemented) {
      router.rpc(method, implemented, { readMaxBytes: maxBodyBytes });
    }
  }
}
