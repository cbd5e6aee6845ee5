import { once } from "node:events";
import { createServer } from "node:http";
import { type ApiError, internalError } from "./apiError.js";
import { type HttpRequest, type HttpResponse, pathOf } from "./handler.js";
import { type Metrics, serveMetrics } from "./metrics.js";
import { toRestError, writeRestError } from "./rest/restError.js";

/** `/metrics` on the main port; `refuse` says why whoever sends an Authorization header may not see it, or null. */
export function metricsPage(
  metrics: Metrics,
  refuse: (authorization: string | undefined) => Promise<ApiError | null>,
) {
  const serve = serveMetrics(metrics);
  return (request: HttpRequest, response: HttpResponse): boolean => {
    if (pathOf(request) !== "/metrics") return false;
    void (async () => {
      const refusal = await refuse(request.headers.authorization);
      if (refusal === null) serve(request, response);
      else writeRestError(response, toRestError(refusal));
    })().catch(() => writeRestError(response, toRestError(internalError(undefined))));
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
