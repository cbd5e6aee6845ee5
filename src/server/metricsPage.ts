import { once } from "node:events";
import { createServer } from "node:http";
import { accessCodes } from "../auth/errors.js";
import { fail } from "../lib/result.js";
import { type HttpRequest, type HttpResponse, pathOf } from "./handler.js";
import { type AuthenticateOptions, readToken } from "./interceptors/authenticate.js";
import { type Metrics, serveMetrics } from "./metrics.js";
import { toRestError, writeRestError } from "./rest/restError.js";
import { toApiError } from "./unwrap.js";

/** `/metrics` on the main port, for whoever has a token. */
export function metricsPage(metrics: Metrics, verify: AuthenticateOptions["verify"]) {
  const serve = serveMetrics(metrics);
  return (request: HttpRequest, response: HttpResponse): boolean => {
    if (pathOf(request) !== "/metrics") return false;
    const token = readToken(request.headers.authorization);
    void (async () => {
      const caller = token === null ? fail({ kind: "token-missing" }) : await verify(token);
      if (caller.ok) serve(request, response);
      else writeRestError(response, toRestError(toApiError(caller.failure, accessCodes)));
    })();
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
