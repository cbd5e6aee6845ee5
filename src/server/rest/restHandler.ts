import { type DescService, hasOption } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { http } from "../../../gen/google/api/annotations_pb.js";
import type { HttpRequest, HttpResponse } from "../handler.js";
import { createEndpoint, type Endpoint, type EndpointOptions } from "./createEndpoint.js";
import { createRoutes, type NoRoute } from "./createRoutes.js";
import { type RestError, writeRestError } from "./restError.js";

/** A service, and those of its RPCs that exist yet. */
export interface RestService {
  readonly service: DescService;
  readonly implementation: Partial<ServiceImpl<DescService>>;
}

export interface RestHandlerOptions extends EndpointOptions {
  readonly services: readonly RestService[];
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
  const { services, logger } = options;
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
