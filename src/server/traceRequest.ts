import { failSpan, type Span } from "../lib/tracing.js";
import type { CallRecord, Protocol } from "./callRecord.js";
import type { HttpRequest, HttpResponse } from "./handler.js";

export interface TracedRequest {
  readonly call: CallRecord["call"];
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** As google.api.http has it; null if it came by none. */
  readonly route: string | null;
}

/**
 * Ends the span of a request, by the semantic conventions of OpenTelemetry for RPC and HTTP. It says nothing of who called and
 * what for: no address, no path, no header, no message.
 */
export function endSpan(span: Span, { call, request, response, route }: TracedRequest): void {
  const method = METHODS.has(request.method ?? "") ? request.method : null;
  const status = response.statusCode;
  // A stream of HTTP/2 that is over has forgotten its socket.
  const isSecure = "encrypted" in request.socket || request.headers[":scheme"] === "https";
  span.setAttributes({
    "http.request.method": method ?? "_OTHER",
    "url.scheme": isSecure ? "https" : "http",
    "network.protocol.version": request.httpVersionMajor === 2 ? "2" : request.httpVersion,
  });
  if (response.headersSent) span.setAttribute("http.response.status_code", status);
  if (route !== null) span.setAttribute("http.route", route);
  if (call !== null) span.setAttribute("rpc.method", call.rpc);
  const system = call && SYSTEMS[call.protocol];
  if (call && system) {
    const code = (call.code ?? "canceled").toUpperCase();
    span.updateName(call.rpc);
    span.setAttributes({ "rpc.system.name": system, "rpc.status_code": code });
    if (FAULTS.has(code)) failSpan(span, code);
  } else {
    span.updateName([method ?? "HTTP", route].filter((it) => it !== null).join(" "));
    if (response.headersSent && status >= 500) failSpan(span, String(status));
  }
  span.end();
}

const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
]);

const SYSTEMS: Readonly<Record<Protocol, string | null>> = {
  grpc: "grpc",
  "grpc-web": "grpc",
  connect: "connectrpc",
  rest: null,
};

/** What is the server's fault, or may be; all else is the caller's. */
const FAULTS: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);
