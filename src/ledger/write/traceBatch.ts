import { failSpan, type Span, type Tracing } from "../../lib/tracing.js";
import type { Request } from "../domain/command.js";
import type { Cache } from "./cache.js";
import { type Attempts, type Run, runBatch } from "./runBatch.js";

export interface TraceOptions {
  /** Default: no spans. */
  readonly tracing?: Tracing | null;
}

/**
 * `runBatch` within a span, if a call that waits for it is sampled. The span is a part of the first such call's, and linked to
 * all of them; the others are linked to it.
 */
export async function traceBatch(
  known: Cache | null,
  requests: readonly Request[],
  options: Attempts & TraceOptions,
): Promise<Run> {
  const { tracing = null, name } = options;
  if (tracing === null) return runBatch(known, requests, options);
  const calls = sampledCallsOf(requests);
  const [first, ...others] = calls;
  if (first === undefined) return runBatch(known, requests, options);
  const span = tracing.begin("commit batch", {
    kind: "internal",
    parent: first,
    links: calls,
    attributes: { "florin.ledger": name, "florin.batch.size": requests.length },
  });
  // Whoever called may have left.
  for (const call of others) if (call.isRecording()) call.addLink({ context: span.spanContext() });
  try {
    const run = await runBatch(known, requests, options);
    const [outcome] = run.outcomes;
    if (outcome && !outcome.ok && TROUBLES.has(outcome.failure.kind)) {
      failSpan(span, outcome.failure.kind);
    }
    return run;
  } catch (error) {
    failSpan(span, (error as Error).name);
    throw error;
  } finally {
    span.end();
  }
}

/** What befalls a batch as a whole. */
const TROUBLES: ReadonlySet<string> = new Set(["unavailable", "ledger-held", "outcome-unknown"]);

/** A stream is one call, however many requests it makes. */
const sampledCallsOf = (requests: readonly Request[]): readonly Span[] => [
  ...new Set(requests.flatMap(({ span }) => (span && isSampled(span) ? span : []))),
];

const isSampled = (span: Span): boolean => (span.spanContext().traceFlags & 1) === 1;
