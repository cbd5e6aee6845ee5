import { z } from "zod";
import { oneOf, variable, wholeNumber } from "../lib/variable.js";
import { parseEndpoint, parseHeaders, parsePairs } from "./parseSettings.js";
import type { TracingConfig } from "./tracingConfig.js";

const endpoint = variable("must be a URL, e.g. http://localhost:4318", parseEndpoint).optional();
const headers = variable(
  "must be a list such as name=value,other=value, of headers that HTTP can send",
  parseHeaders,
).optional();
const protocol = oneOf("http/protobuf").optional();
const timeout = wholeNumber(1, 600_000).optional();
const compression = oneOf("none", "gzip").optional();
const file = z.string().optional();

/** Variables of the OpenTelemetry specification, which mean what they mean there. */
export const tracingVariables = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: variable(
    "must be a list such as deployment.environment.name=production,team=ledger",
    parsePairs,
  ).optional(),
  OTEL_PROPAGATORS: oneOf("tracecontext", "none").default("tracecontext"),
  OTEL_TRACES_EXPORTER: oneOf("otlp", "none").default("otlp"),
  OTEL_TRACES_SAMPLER: oneOf(
    ...["always_on", "always_off", "traceidratio"],
    ...["parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"],
  ).default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: variable("must be a number from 0 to 1", (text) =>
    /^\d*\.?\d+$/.test(text) && Number(text) <= 1 ? Number(text) : null,
  ).default(1),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber(1, 600_000).default(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: wholeNumber(1, 600_000).default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1, 1_000_000).default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1, 100_000).default(512),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers,
  OTEL_EXPORTER_OTLP_TIMEOUT: timeout,
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeout,
  OTEL_EXPORTER_OTLP_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_CERTIFICATE: file,
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: file,
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: file,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: file,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: file,
};

/** Whether `env` asks for traces; if not, no other of these variables matters. */
export const isTraced = (env: Readonly<Record<string, string | undefined>>): boolean =>
  Boolean(env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"]) &&
  env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() !== "true" &&
  env["OTEL_TRACES_EXPORTER"]?.trim() !== "none";

/** Where a receiver of all signals at `endpoint` takes traces. */
function tracesBelow(endpoint: string): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`;
  return url.href;
}

const shape = z.object(tracingVariables);

/** What `data` asks for; null: no traces. What is said of traces comes before what is said of all signals. */
export function tracingConfig(data: z.infer<typeof shape>): TracingConfig | null {
  const general = data.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url =
    data.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
    (general === undefined ? null : tracesBelow(general));
  if (url === null) return null;
  return {
    url,
    headers: data.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? data.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    timeoutMs: data.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? data.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000,
    isCompressed:
      (data.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ?? data.OTEL_EXPORTER_OTLP_COMPRESSION) ===
      "gzip",
    files: {
      ca: data.OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE ?? data.OTEL_EXPORTER_OTLP_CERTIFICATE,
      cert:
        data.OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE ??
        data.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
      key: data.OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY ?? data.OTEL_EXPORTER_OTLP_CLIENT_KEY,
    },
    resource: {
      "service.name": "florin",
      ...data.OTEL_RESOURCE_ATTRIBUTES,
      ...(data.OTEL_SERVICE_NAME !== undefined && { "service.name": data.OTEL_SERVICE_NAME }),
    },
    sampler: { name: data.OTEL_TRACES_SAMPLER, ratio: data.OTEL_TRACES_SAMPLER_ARG },
    propagates: data.OTEL_PROPAGATORS === "tracecontext",
    queue: {
      scheduledDelayMillis: data.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMillis: data.OTEL_BSP_EXPORT_TIMEOUT,
      maxQueueSize: data.OTEL_BSP_MAX_QUEUE_SIZE,
      maxExportBatchSize: Math.min(
        data.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
        data.OTEL_BSP_MAX_QUEUE_SIZE,
      ),
    },
  };
}
