import { Code, ConnectError } from "@connectrpc/connect";
import { TemporarilyUnavailable } from "oidc-provider/lib/helpers/errors.js";
import { ApiError } from "../../server/apiError.js";
import { addressOf } from "../../server/callRecord.js";
import type { HttpRequest, HttpResponse } from "../../server/handler.js";
import { isUnavailable } from "../../server/interceptors/isUnavailable.js";
import { oauthError, UNAVAILABLE, writeOAuth } from "./answer.js";

const MOUNT = "/api/auth";

/** A request for one of the endpoints. */
export interface OidcCall {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Below the mount, without the query: "/oauth/token". */
  readonly path: string;
  readonly query: URLSearchParams;
  /** IP address of who calls. */
  readonly address: string;
}

/** Answers a call; what it throws is answered as a fault of ours. */
export type Endpoint = (call: OidcCall) => Promise<void>;

export interface Route {
  /** Below the mount: a path, or a pattern of one. */
  readonly path: string | RegExp;
  readonly methods: readonly string[];
  readonly serve: Endpoint;
}

/** Answers a request if it is for an OAuth 2 or OpenID Connect endpoint; false, untouched, if it is not. */
export type OidcHandler = (request: HttpRequest, response: HttpResponse) => boolean;

export interface OidcHandlerOptions {
  /** The first that fits serves. */
  readonly routes: readonly Route[];
  /** Told of what an endpoint threw, before the caller is told of an internal error. */
  readonly onFault: (error: unknown) => void;
}

export function createOidcHandler({ routes, onFault }: OidcHandlerOptions): OidcHandler {
  return (request, response) => {
    const url = request.url ?? "";
    if (!url.startsWith(`${MOUNT}/`)) return false;
    const [path = "", query = ""] = url.slice(MOUNT.length).split(/\?(.*)/s);
    const route = routes.find((it) =>
      typeof it.path === "string" ? it.path === path : it.path.test(path),
    );
    if (route === undefined) return false;
    if (!route.methods.includes(request.method ?? "")) {
      refuseMethod(response, route.methods);
      return true;
    }
    const address = addressOf(request);
    const call = { request, response, path, query: new URLSearchParams(query), address };
    route.serve(call).catch((error) => {
      if (refuseBody(call, error)) return;
      onFault(error);
      if (response.headersSent) response.destroy();
      else writeOAuth(response, isAway(error) ? UNAVAILABLE : FAULT);
    });
    return true;
  };
}

/** As the database says it, or as we have told oidc-provider. */
const isAway = (error: unknown) => isUnavailable(error) || error instanceof TemporarilyUnavailable;

const FAULT = oauthError(500, "server_error");

/** Answers for a body that could not be read, which is no fault of ours; false if `error` is something else. */
function refuseBody({ request, response }: OidcCall, error: unknown): boolean {
  if (error instanceof ApiError && error.httpStatus !== undefined) {
    writeOAuth(response, oauthError(error.httpStatus, "invalid_request", error.rawMessage));
    // What still comes of it is thrown away: the caller reads the answer once it has sent everything.
    request.resume();
    return true;
  }
  const hasLeft = error instanceof ConnectError && error.code === Code.Canceled;
  if (hasLeft) response.destroy();
  return hasLeft;
}

function refuseMethod(response: HttpResponse, methods: readonly string[]): void {
  const allowed = methods.join(", ");
  response.setHeader("Allow", allowed);
  writeOAuth(response, oauthError(405, "invalid_request", `only ${allowed} are allowed`));
}
