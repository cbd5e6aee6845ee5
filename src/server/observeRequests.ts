import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Tracing } from "../lib/tracing.js";
import { type CallRecord, keepRecord } from "./callRecord.js";
import { type Handler, type HttpRequest, type HttpResponse, pathOf } from "./handler.js";
import type { Metrics } from "./metrics.js";
import { senderAddress } from "./senderAddress.js";
import { endSpan } from "./traceRequest.js";

export interface Observers {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How many proxies in front of us append to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Default: no spans. */
  readonly tracing?: Tracing | null;
}

/**
 * `handler`, with an x-request-id on every answer, and every request logged, measured and traced once, when it ends. `routeOf`
 * tells the template of a path.
 */
export const observeRequests =
  (
    handler: Handler,
    { logger, metrics, trustedProxies, tracing = null }: Observers,
    routeOf: (request: HttpRequest) => string | null = () => null,
  ): Handler =>
  (req, res) => {
    const startedAt = performance.now();
    const record: CallRecord = {
      requestId: requestId(req),
      address: senderAddress(req, trustedProxies),
      bodyBytes: bodyBytes(req),
      span: tracing === null || isProbe(req) ? null : tracing.beginServing(req.headers),
      call: null,
    };
    keepRecord(req, record);
    res.setHeader("x-request-id", record.requestId);
    metrics.requestsUnderWay.inc();
    res.once("close", () => {
      const durationMs = performance.now() - startedAt;
      const { rpc, protocol, code, subject } = outcome(record, req, res);
      metrics.requestsUnderWay.dec();
      metrics.requestSeconds.observe({ rpc, protocol, code }, durationMs / 1000);
      logger[isProbe(req) || record.isShed ? "debug" : "info"](
        {
          requestId: record.requestId,
          address: record.address,
          method: req.method,
          // Without its query: that may hold metadata, codes and tokens.
          path: pathOf(req),
          rpc,
          protocol,
          code,
          status: res.statusCode,
          durationMs: Math.round(durationMs * 1000) / 1000,
          subject,
          clientId: record.clientId,
          trace_id: record.span?.spanContext().traceId,
          span_id: record.span?.spanContext().spanId,
        },
        "request",
      );
      if (record.span !== null) {
        const route = routeOf(req);
        endSpan(record.span, { call: record.call, request: req, response: res, route });
      }
    });
    handler(req, res);
  };

function outcome({ call }: CallRecord, req: HttpRequest, res: HttpResponse) {
  // The client left a call that was still running.
  if (call !== null) return { ...call, code: call.code ?? "canceled" };
  // To gRPC, HTTP says 200 whatever happened.
  const isGrpc = req.headers["content-type"]?.startsWith("application/grpc");
  return {
    rpc: "",
    protocol: "http",
    code: isGrpc ? "unknown" : String(res.statusCode),
    subject: null,
  };
}

/** NaN for what may be packed, too: it may unpack to anything. */
const bodyBytes = ({ headers }: HttpRequest): number =>
  headers["content-encoding"] === undefined && headers["grpc-encoding"] === undefined
    ? Number(headers["content-length"] ?? Number.NaN)
    : Number.NaN;

/** What monitors ask all day long. */
const isProbe = (req: HttpRequest): boolean =>
  /^\/(grpc\.health\.|metrics$)|\/_healthcheck$/.test(pathOf(req));

/** The caller's own, if it is safe to log and to send back. */
function requestId(req: HttpRequest): string {
  const given = req.headers["x-request-id"];
  return typeof given === "string" && /^[\w.:+/=-]{1,128}$/.test(given) ? given : randomUUID();
}
