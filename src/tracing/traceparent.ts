import { createTraceState, type SpanContext } from "@opentelemetry/api";
import type { TraceHeaders } from "../lib/tracing.js";

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Version, trace, span, flags; versions to come may say more. */
const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** What a caller's headers say of its span (W3C Trace Context, level 2). Null if they say nothing, or nothing valid. */
export function readTraceparent({ traceparent, tracestate }: Headers): SpanContext | null {
  // Node joins repeated ones by commas, which makes them invalid, as it should be.
  const [, version, traceId = "", spanId = "", flags = "", more] =
    PATTERN.exec(typeof traceparent === "string" ? traceparent.trim() : "") ?? [];
  if (version === undefined || version === "ff") return null;
  if (version === "00" && more !== undefined) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return typeof tracestate === "string" && tracestate.length <= LONGEST_STATE
    ? { ...context, traceState: createTraceState(tracestate) }
    : context;
}

/** Longer ones need not be handed on, and nobody should have to bear them. */
const LONGEST_STATE = 512;

export function printTraceparent(context: SpanContext): TraceHeaders {
  const { traceId, spanId, traceFlags, traceState } = context;
  const traceparent = `00-${traceId}-${spanId}-0${traceFlags & 1}`;
  const tracestate = traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}
