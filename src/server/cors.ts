import type { Handler } from "./handler.js";

const ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

const ALLOWED_HEADERS = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "Last-Event-ID",
  "X-Request-Id",
  "Traceparent",
  "Tracestate",
  "Connect-Protocol-Version",
  "Connect-Timeout-Ms",
  "Connect-Content-Encoding",
  "Connect-Accept-Encoding",
  "Grpc-Timeout",
  "X-Grpc-Web",
  "X-User-Agent",
].join(", ");

const EXPOSED_HEADERS = [
  "Count",
  "Idempotency-Hit",
  "Location",
  "Retry-After",
  "WWW-Authenticate",
  "X-Request-Id",
  "Connect-Content-Encoding",
  "Content-Encoding",
  "Grpc-Status",
  "Grpc-Message",
  "Grpc-Status-Details-Bin",
].join(", ");

/** How long browsers may remember a preflight; Chrome caps it at this. */
const MAX_AGE_SECONDS = "7200";

/**
 * `handler` for pages of `origins`, or of any when null: callers are known by their token, never by a cookie. OPTIONS
 * is answered here, for every path.
 */
export const allowOrigins =
  (handler: Handler, origins: readonly string[] | null): Handler =>
  (req, res) => {
    const { origin } = req.headers;
    if (origins !== null) res.setHeader("vary", "Origin");
    if (origin !== undefined && (origins === null || origins.includes(origin))) {
      res.setHeader("access-control-allow-origin", origins === null ? "*" : origin);
      res.setHeader("access-control-expose-headers", EXPOSED_HEADERS);
      if (req.method === "OPTIONS") {
        res.setHeader("access-control-allow-methods", ALLOWED_METHODS);
        res.setHeader("access-control-allow-headers", ALLOWED_HEADERS);
        res.setHeader("access-control-max-age", MAX_AGE_SECONDS);
      }
    }
    if (req.method !== "OPTIONS") return handler(req, res);
    res.writeHead(204);
    res.end();
  };
