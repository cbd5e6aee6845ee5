import { Http2ServerRequest } from "node:http2";
import { type DescService, hasOption } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { http } from "../../../gen/google/api/annotations_pb.js";
import { keepShed } from "../callRecord.js";
import { type Door, MAY_WAIT_BYTES } from "../door.js";
import { doorErrors, type NoRoom } from "../doorErrors.js";
import type { HttpRequest, HttpResponse } from "../handler.js";
import { toApiError } from "../unwrap.js";
import { createEndpoint, type EndpointOptions } from "./createEndpoint.js";
import { createRoutes, type FoundRoute, type NoRoute } from "./createRoutes.js";
import { type RestError, toRestError, writeRestError } from "./restError.js";

/** A service, and those of its RPCs that exist yet. */
export interface RestService {
  readonly service: DescService;
  readonly implementation: Partial<ServiceImpl<DescService>>;
}

export interface RestHandlerOptions extends EndpointOptions {
  readonly services: readonly RestService[];
  /** Where calls are refused that there is no room for, before anything of them is read. */
  readonly door?: Door;
}

export interface RestHandler {
  /** Answers `request`, or hands it to `next` if no route has its path. */
  readonly handle: (request: HttpRequest, response: HttpResponse, next: () => void) => void;
  /** The template of the route that `request` takes; null if there is none. */
  readonly routeOf: (request: HttpRequest) => string | null;
}

/**
 * Serves RPCs as REST, as their options say. All is compiled here, once: a descriptor that cannot be served
 * ends the start.
 */
export function createRestHandler(options: RestHandlerOptions): RestHandler {
  const { services, door, logger } = options;
  const endpoints = new Map(
    services.flatMap(({ service, implementation }) =>
      service.methods
        .filter((method) => hasOption(method, http))
        .map((method) => [method, createEndpoint(method, implementation, options)] as const),
    ),
  );
  const findRoute = createRoutes([...endpoints.keys()]);
  return {
    routeOf(request) {
      const found = findRoute(request.method ?? "", request.url ?? "");
      return found.ok ? found.value.template : null;
    },
    handle(request, response, next) {
      const verb = request.method ?? "";
      const found = findRoute(verb, request.url ?? "");
      if (found.ok) {
        const { method, params } = found.value;
        const serve = () =>
          endpoints
            .get(method)?.(found.value, request, response)
            .catch((error) => {
              logger.error({ err: error }, "a REST answer broke off");
              response.destroy();
            });
        const decide = (noRoom: NoRoom | null) => {
          if (noRoom === null) serve();
          else refuse(noRoom, found.value, request, response);
        };
        const onLeft = (hear: () => void) => response.once("close", hear);
        // Nothing of it is read before it is let in.
        const admitted =
          door?.admit(method, params["ledger"], mayWait(request) ? onLeft : null) ?? null;
        if (admitted instanceof Promise) void admitted.then(decide);
        else decide(admitted);
      } else if (found.failure.kind === "path-unknown") next();
      else writeRestError(response, noRouteError(verb, found.failure));
    },
  };
}

/** A body over HTTP/1.1 waits in the system; over HTTP/2 it is taken in, whether it is read or not. */
const mayWait = (request: HttpRequest): boolean =>
  !(request instanceof Http2ServerRequest) ||
  request.stream.endAfterHeaders ||
  Number(request.headers["content-length"]) <= MAY_WAIT_BYTES;

/** Answers a request that was not let in. */
function refuse(
  { kind }: NoRoom,
  { method }: FoundRoute,
  request: HttpRequest,
  response: HttpResponse,
): void {
  const rpc = `${method.parent.typeName}/${method.name}`;
  keepShed(request, { rpc, protocol: "rest", code: "resource_exhausted", subject: null });
  writeRestError(response, NO_ROOM[kind]);
}

/** Made beforehand: refusing is to cost next to nothing. */
const NO_ROOM: Readonly<Record<NoRoom["kind"], RestError>> = {
  "queue-full": toRestError(toApiError({ kind: "queue-full" }, doorErrors)),
  "server-full": toRestError(toApiError({ kind: "server-full" }, doorErrors)),
};

function noRouteError(
  verb: string,
  failure: Exclude<NoRoute, { kind: "path-unknown" }>,
): RestError {
  if (failure.kind === "url-malformed") {
    const message = "invalid percent-encoding in the path";
    return { status: 400, errorCode: "VALIDATION", message };
  }
  const allow = failure.allowed.join(", ");
  return {
    status: 405,
    errorCode: "VALIDATION",
    message: `${verb} is not allowed here; allowed: ${allow}`,
    headers: { allow },
  };
}
