import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Provider } from "oidc-provider/lib/provider.js";

const MOUNT = "/api/auth";

/** What is served below the mount, and how. Whatever else oidc-provider could do stays out of reach. */
const METHODS: ReadonlyMap<string, readonly string[]> = new Map([
  ["/.well-known/openid-configuration", ["GET", "HEAD"]],
  ["/keys", ["GET", "HEAD"]],
  ["/oauth/token", ["POST"]],
]);

/** Answers a request if it is for an OAuth 2 or OpenID Connect endpoint; false, untouched, if it is not. */
export type OidcHandler = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => boolean;

export function createOidcHandler(provider: Provider): OidcHandler {
  const issuer = new URL(provider.issuer);
  // It then believes the two headers below, and so builds every URL on the issuer, whatever Host a caller names.
  provider.proxy = true;
  const serve = provider.callback();
  return (request, response) => {
    const url = request.url ?? "";
    if (!url.startsWith(`${MOUNT}/`)) return false;
    const below = url.slice(MOUNT.length);
    const methods = METHODS.get(below.replace(/\?.*/s, ""));
    if (methods === undefined) return false;
    if (!methods.includes(request.method ?? "")) {
      refuseMethod(response, methods);
      return true;
    }
    request.url = below;
    // HTTP/2 needs no length; Koa sees a body only where one of these headers is.
    if (!request.headers["content-length"]) request.headers["transfer-encoding"] = "chunked";
    request.headers["x-forwarded-host"] = issuer.host;
    request.headers["x-forwarded-proto"] = issuer.protocol.slice(0, -1);
    Object.assign(request, { originalUrl: issuer.pathname + below });
    void serve(request, response).finally(() => {
      request.url = url;
    });
    return true;
  };
}

function refuseMethod(response: ServerResponse | Http2ServerResponse, methods: readonly string[]) {
  const allowed = methods.join(", ");
  response.statusCode = 405;
  response.setHeader("Allow", allowed);
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.end(
    JSON.stringify({ error: "invalid_request", error_description: `only ${allowed} are allowed` }),
  );
}
