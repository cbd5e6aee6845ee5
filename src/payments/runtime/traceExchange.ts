import { failSpan, type Span, type Tracing } from "../../lib/tracing.js";
import type { HttpAnswer, HttpRequest, HttpTarget } from "../connectors/connector.js";
import type { Exchange } from "./exchange.js";

export interface TracedExchange {
  /** As `Exchange.send`, and as a part of `parent`. */
  send(request: HttpRequest, signal: AbortSignal, parent: Span | null): Promise<HttpAnswer>;
  close(): void;
}

/**
 * `exchange`, with a span for each request, which the provider is told of. It says where the request went, but not its path,
 * which names people and payments.
 */
export function traceExchange(
  exchange: Exchange,
  { baseUrl }: HttpTarget,
  tracing: Tracing | null,
): TracedExchange {
  if (tracing === null) return exchange;
  return {
    async send(request, signal, parent) {
      const { method = "GET", path } = request;
      const { hostname } = new URL(/^https?:/.test(path) ? path : baseUrl);
      const span = tracing.begin(method, {
        kind: "client",
        parent,
        attributes: { "http.request.method": method, "server.address": hostname },
      });
      try {
        const headers = { ...request.headers, ...tracing.headersOf(span) };
        const answer = await exchange.send({ ...request, headers }, signal);
        span.setAttribute("http.response.status_code", answer.status);
        if (answer.status >= 400) failSpan(span, String(answer.status));
        return answer;
      } catch (error) {
        failSpan(span, (error as Error).name);
        throw error;
      } finally {
        span.end();
      }
    },
    close: exchange.close,
  };
}
