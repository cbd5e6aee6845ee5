import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Handler } from "./handler.js";
import { writeRestError } from "./rest/restError.js";

/** What Florin measures about itself. Other rooms add theirs to `registry`. */
export interface Metrics {
  readonly registry: Registry;
  readonly requestSeconds: Histogram<"rpc" | "protocol" | "code">;
  readonly requestsUnderWay: Gauge;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requestSeconds: new Histogram({
      name: "florin_request_seconds",
      help: "Duration of requests by RPC, protocol and gRPC code (HTTP status where there is no RPC).",
      labelNames: ["rpc", "protocol", "code"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
    requestsUnderWay: new Gauge({
      name: "florin_requests_under_way",
      help: "Requests and streams that have not ended.",
      registers: [registry],
    }),
  };
}

/** Answers with all metrics in the text format of Prometheus. */
export const serveMetrics =
  ({ registry }: Metrics): Handler =>
  (_req, res) => {
    const write = (text: string) => {
      res.writeHead(200, { "content-type": registry.contentType });
      res.end(text);
    };
    const refuse = () =>
      writeRestError(res, {
        status: 500,
        errorCode: "INTERNAL",
        message: "metrics cannot be collected",
      });
    registry.metrics().then(write, refuse);
  };
