import { setTimeout as sleep } from "node:timers/promises";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Poster, Trouble } from "./poster.js";

export interface SpanExporterOptions {
  readonly poster: Poster;
  /** How long one export may take, with all its attempts. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

export interface CancellableExporter extends SpanExporter {
  /** Gives up what is under way, and whatever is still asked for. */
  cancel(): void;
}

const FIRST_WAIT_MS = 1_000;

/**
 * Sends spans by OTLP, again while that makes sense and its time is not over. What cannot be sent is lost: the log says
 * when that begins, and when it ends.
 */
export function createSpanExporter(options: SpanExporterOptions): CancellableExporter {
  const { poster, timeoutMs, logger } = options;
  const cancelled = new AbortController();
  const underWay = new Set<Promise<void>>();
  /** Since an export last succeeded. */
  let lost = 0;

  async function send(body: Uint8Array): Promise<Trouble | null> {
    const late = new AbortController();
    const abort = () => late.abort();
    const timer = setTimeout(abort, timeoutMs);
    timer.unref();
    cancelled.signal.addEventListener("abort", abort);
    if (cancelled.signal.aborted) abort();
    const { signal } = late;
    try {
      for (let wait = FIRST_WAIT_MS; ; wait *= 2) {
        const trouble = await poster.post(body, signal);
        if (trouble === null || !trouble.isPassing) return trouble;
        const waitMs = Math.max(trouble.retryAfterMs, wait * (0.5 + Math.random() / 2));
        const isRested = await sleep(waitMs, true, { signal, ref: false }).catch(() => false);
        if (!isRested) return trouble;
      }
    } finally {
      clearTimeout(timer);
      cancelled.signal.removeEventListener("abort", abort);
    }
  }

  async function exportAll(spans: ReadableSpan[]): Promise<void> {
    const body = ProtobufTraceSerializer.serializeRequest(spans);
    const trouble = body === undefined ? null : await send(body);
    if (trouble === null) {
      if (lost > 0) logger.info({ lost }, "spans are exported again");
      lost = 0;
      return;
    }
    if (lost === 0) {
      logger.warn({ to: poster.origin, reason: trouble.reason }, "spans cannot be exported");
    }
    lost += spans.length;
  }

  const settle = async () => {
    await Promise.all(underWay);
  };
  return {
    export(spans, done) {
      const exported = exportAll(spans)
        .catch((err) => logger.error({ err }, "spans could not be made ready for export"))
        .finally(() => {
          underWay.delete(exported);
          // The log has heard of it: nobody else needs to.
          done({ code: SUCCESS });
        });
      underWay.add(exported);
    },
    forceFlush: settle,
    async shutdown() {
      await settle();
      poster.close();
    },
    cancel: () => cancelled.abort(),
  };
}

/** ExportResultCode.SUCCESS. */
const SUCCESS = 0;
