import { randomUUID, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import {
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Span, Tracing } from "../lib/tracing.js";
import { createPoster } from "./poster.js";
import { createSpanExporter } from "./spanExporter.js";
import { printTraceparent, readTraceparent } from "./traceparent.js";
import type { TracingConfig } from "./tracingConfig.js";

export interface StartedTracing extends Tracing {
  /** Sends what is left, within a few seconds, or leaves it. */
  stop(): Promise<void>;
}

/** How long a stop waits for the receiver of spans. */
const STOP_MS = 3_000;

const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
} as const;

/** Makes spans with the SDK of OpenTelemetry. No receiver need be reachable. */
export async function startTracing(
  config: TracingConfig,
  { version, logger }: { readonly version: string; readonly logger: Logger },
): Promise<StartedTracing> {
  const tls = await readAll(config.files);
  checkTls(tls);
  const exporter = createSpanExporter({
    ...config,
    poster: createPoster({ ...config, tls }),
    logger,
  });
  // It tells how many spans were dropped because more ended than could be sent.
  const told = (message: string) => logger.warn({ reason: message }, "spans are lost");
  const unheard = () => {};
  diag.setLogger(
    { error: told, warn: told, info: unheard, debug: unheard, verbose: unheard },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        "service.version": version,
        "service.instance.id": randomUUID(),
        ...config.resource,
      }),
    ),
    sampler: samplerOf(config.sampler),
    spanProcessors: [new BatchSpanProcessor({ ...config.queue, exporter })],
  });
  const tracer = provider.getTracer("florin", version);
  const within = (parent: Span | null): Context =>
    parent === null ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
  return {
    begin: (name, { kind, parent, attributes = {}, links = [] }) =>
      tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes,
          links: links.map((span) => ({ context: span.spanContext() })),
        },
        within(parent),
      ),
    beginServing(headers) {
      const caller = config.propagates ? readTraceparent(headers) : null;
      const parent = caller === null ? null : trace.wrapSpanContext(caller);
      return tracer.startSpan("request", { kind: SpanKind.SERVER }, within(parent));
    },
    headersOf: (span) => (config.propagates ? printTraceparent(span.spanContext()) : {}),
    async stop() {
      const timer = setTimeout(exporter.cancel, STOP_MS);
      // It fails once OTEL_BSP_EXPORT_TIMEOUT is over: what is under way is then left, too.
      await provider.shutdown().catch(exporter.cancel);
      await exporter.shutdown();
      clearTimeout(timer);
    },
  };
}

/** As OTEL_TRACES_SAMPLER names them. */
function samplerOf({ name, ratio }: TracingConfig["sampler"]): Sampler {
  const [, isParentBased, rule] = /^(parentbased_)?(.*)$/.exec(name) ?? [];
  const root =
    rule === "always_on"
      ? new AlwaysOnSampler()
      : rule === "always_off"
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

/** Else each export would fail. */
function checkTls({ ca, ...own }: Readonly<Record<string, string>>): void {
  try {
    createSecureContext(own);
    if (ca !== undefined) new X509Certificate(ca);
  } catch (cause) {
    throw new Error(
      `the files that OTEL_EXPORTER_OTLP_* name are no certificates and no key to them, in PEM: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function readAll(files: TracingConfig["files"]): Promise<Record<string, string>> {
  const named = Object.entries(files).filter(([, path]) => path !== undefined);
  const read = named.map(async ([name, path = ""]) => {
    const text = await readFile(path, "utf8").catch((cause: Error) => {
      throw new Error(`a file that OTEL_EXPORTER_OTLP_* names cannot be read: ${cause.message}`, {
        cause,
      });
    });
    return [name, text] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
