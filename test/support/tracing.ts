import { onTestFinished } from "vitest";
import { loadConfig } from "../../src/config.js";
import type { Span } from "../../src/lib/tracing.js";
import { type StartedTracing, startTracing } from "../../src/tracing/startTracing.js";
import { keptLogger } from "./evidence.js";
import { type SpanReceiver, startSpanReceiver } from "./spanReceiver.js";

export interface Traced {
  readonly receiver: SpanReceiver;
  readonly tracing: StartedTracing;
  /** The span of a call in the trace of that digit. */
  serve(digit: number, flags?: string): Span;
}

/** Tracing without a server, and who hears of it. It is stopped when the test is over. */
export async function startTraced(logger = keptLogger()): Promise<Traced> {
  const receiver = await startSpanReceiver();
  const { tracing: config } = loadConfig(receiver.variables);
  if (config === null) throw new Error("traces are asked for");
  const tracing = await startTracing(config, { version: "v1", logger });
  onTestFinished(() => tracing.stop());
  return {
    receiver,
    tracing,
    serve: (digit, flags = "01") =>
      tracing.beginServing({
        traceparent: `00-${`${digit}`.repeat(32)}-00f067aa0ba902b7-${flags}`,
      }),
  };
}
