import { once } from "node:events";
import { createServer } from "node:http";
import type { Logger } from "pino";
import { traceOf } from "../lib/tracing.js";
import type { ApiError } from "./apiError.js";
import { recordOfRequest } from "./callRecord.js";
import { faultError } from "./faultError.js";
import { type HttpRequest, type HttpResponse, pathOf } from "./handler.js";
import { type Metrics, serveMetrics } from "./metrics.js";
import { toRestError, writeRestError } from "./rest/restError.js";

export interface MetricsPageOptions {
  readonly metrics: Metrics;
  /** Why whoever sends this Authorization header may not see the page; null: they may. */
  readonly refusalOf: (authorization: string | undefined) => Promise<ApiError | null>;
  readonly logger: Logger;
}

/** `/metrics` on the main port. */
export function metricsPage({ metrics, refusalOf, logger }: MetricsPageOptions) {
  const serve = serveMetrics(metrics);
  return (request: HttpRequest, response: HttpResponse): boolean => {
    if (pathOf(request) !== "/metrics") return false;
    const refuse = (error: ApiError) => writeRestError(response, toRestError(error));
    const answer = (refusal: ApiError | null) =>
      refusal === null ? serve(request, response) : refuse(refusal);
    refusalOf(request.headers.authorization).then(answer, (error) => {
      const record = recordOfRequest(request);
      const requestId = record?.requestId;
      logger.error(
        { err: error, requestId, ...traceOf(record?.span) },
        "caller of the metrics could not be verified",
      );
      refuse(faultError(error, requestId));
    });
    return true;
  };
}

/** Metrics on a port of their own, open to whoever reaches it. Returns what closes it. */
export async function serveMetricsAlone(
  metrics: Metrics,
  host: string,
  port: number,
): Promise<() => Promise<unknown>> {
  const server = createServer(serveMetrics(metrics)).listen(port, host);
  await once(server, "listening");
  return async () => {
    server.closeAllConnections();
    server.close();
  };
}
