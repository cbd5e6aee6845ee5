import type { Attributes, Span } from "@opentelemetry/api";

export type { Span } from "@opentelemetry/api";

/** Headers that hand a trace on to whoever is called (W3C Trace Context). */
export type TraceHeaders = Readonly<Record<string, string>>;

export interface SpanOptions {
  readonly kind: "internal" | "client" | "producer";
  /** What it is a part of; null: a trace of its own. */
  readonly parent: Span | null;
  readonly attributes?: Attributes;
  /** What else it was done for. */
  readonly links?: readonly Span[];
}

/**
 * Makes spans. Where nobody wants any there is none of this: null. Who began a span ends it, and hands it on by
 * arguments: following calls by AsyncLocalStorage would cost those that are not traced as well.
 */
export interface Tracing {
  begin(name: string, options: SpanOptions): Span;
  /** Begins the span of a request, within the trace that its headers name, if they name one. */
  beginServing(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Span;
  /** What to send along to whoever is called within `span`. */
  headersOf(span: Span): TraceHeaders;
}

/** What joins a log line to a trace, in the words of OpenTelemetry. */
export function traceOf(span: Span | null | undefined): { trace_id?: string; span_id?: string } {
  if (!span) return {};
  const { traceId, spanId } = span.spanContext();
  return { trace_id: traceId, span_id: spanId };
}

/** `span` has failed because of `type`: a class of errors, or a status. Never a message, which may tell more. */
export function failSpan(span: Span, type: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: ERROR });
}

/** SpanStatusCode.ERROR: this file costs no import at run time. */
const ERROR = 2;
