import { type DescService, hasOption } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { http } from "../../../gen/google/api/annotations_pb.js";
import { keepShed } from "../callRecord.js";
import { type Door, doorErrors, type NoRoom } from "../door.js";
import type { HttpRequest, HttpResponse } from "../handler.js";
import { toApiError } from "../unwrap.js";
import { createEndpoint, type Endpoint, type EndpointOptions } from "./createEndpoint.js";
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
    handle(request, response, next) {
      const verb = request.method ?? "";
      const found = findRoute(verb, request.url ?? "");
      if (found.ok) {
        if (door && !hasRoom(door, found.value, request, response)) return;
        const endpoint = endpoints.get(found.value.method) as Endpoint;
        endpoint(found.value, request, response).catch((error) => {
          logger.error({ err: error }, "a REST answer broke off");
          response.destroy();
        });
      } else if (found.failure.kind === "path-unknown") next();
      else writeRestError(response, noRouteError(verb, found.failure));
    },
  };
}

/** Whether there is room for `request`; otherwise it is answered. It comes in once it has been read: in the chain, as RPCs do. */
function hasRoom(
  door: Door,
  { method, params }: FoundRoute,
  request: HttpRequest,
  response: HttpResponse,
): boolean {
  const refusal = door.refusalOf(method, params["ledger"]);
  if (refusal === null) return true;
  const rpc = `${method.parent.typeName}/${method.name}`;
  keepShed(request, { rpc, protocol: "rest", code: "resource_exhausted", subject: null });
  writeRestError(response, NO_ROOM[refusal.kind]);
  return false;
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
