import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadConfig } from "../config.js";

const OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector:4318/";
const tracingOf = (env: NodeJS.ProcessEnv) =>
  loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT, ...env }).tracing;

test("an endpoint is enough", () => {
  expect(tracingOf({})).toMatchObject({
    url: "http://collector:4318/v1/traces",
    headers: {},
    timeoutMs: 10_000,
    isCompressed: false,
    resource: { "service.name": "florin" },
    sampler: { name: "parentbased_always_on", ratio: 1 },
    propagates: true,
  });
});

test("what is said of traces comes before what is said of all signals, and stays as it is", () => {
  const tracing = tracingOf({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example.com",
    OTEL_EXPORTER_OTLP_HEADERS: "a=1",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "b=2",
    OTEL_EXPORTER_OTLP_TIMEOUT: "1",
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "2",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: "none",
    OTEL_TRACES_SAMPLER: "traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.25",
  });
  expect(tracing).toMatchObject({
    url: "https://traces.example.com/",
    headers: { b: "2" },
    timeoutMs: 2,
    isCompressed: false,
    sampler: { name: "traceidratio", ratio: 0.25 },
  });
  expect(tracing?.headers).not.toHaveProperty("a");
});

test.each([
  ["http://collector:4318", "http://collector:4318/v1/traces"],
  ["https://collector/base/", "https://collector/base/v1/traces"],
  ["https://collector/base?tenant=7", "https://collector/base/v1/traces?tenant=7"],
])("to what is at %s, traces go to %s", (endpoint, url) => {
  expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })?.url).toBe(url);
});

test("headers are what HTTP can send", () => {
  const OTEL_EXPORTER_OTLP_HEADERS = "Authorization=Basic%20YTpi, x-name=Zo%C3%AB";
  expect(tracingOf({ OTEL_EXPORTER_OTLP_HEADERS })?.headers).toEqual({
    Authorization: "Basic YTpi",
    "x-name": "Zoë",
  });
});

test.each([
  ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
  ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:99999"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://two words"],
  ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://user:s3cret@traces.example.com"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "api-key"],
  ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=s3cret%"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret%0D%0Ax: y"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret%00"],
  ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=s3cret%E2%82%AC"],
  ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api key=s3cret"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "Content-Length=5"],
  ["OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"],
  ["OTEL_TRACES_EXPORTER", "zipkin"],
  ["OTEL_TRACES_SAMPLER", "jaeger_remote"],
  ["OTEL_TRACES_SAMPLER_ARG", "2"],
  ["OTEL_PROPAGATORS", "b3"],
  ["OTEL_RESOURCE_ATTRIBUTES", "a=1=2"],
  ["OTEL_BSP_MAX_QUEUE_SIZE", "0"],
])("%s=%s is refused by name, without its value", (name, value) => {
  expect(() => tracingOf({ [name]: value })).toThrow(name);
  expect(() => tracingOf({ [name]: value })).not.toThrow("s3cret");
});

test.each([
  { OTEL_SDK_DISABLED: "TRUE" },
  { OTEL_TRACES_EXPORTER: "none" },
  { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
])("with %o there are no traces, and what is said of them is not read", (env) => {
  expect(tracingOf({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", ...env })).toBeNull();
});

test("the README lists the variables that are read, and no others", () => {
  const [, table = ""] = readFileSync("README.md", "utf8").split("## Configuration");
  const [listed = ""] = table.split("\n## ");
  const rows = listed.split("\n").filter((line) => line.startsWith("| `"));
  const names = rows.flatMap((row) => row.split("|")[1]?.match(/\w+/g) ?? []);
  const sources = ["src/config.ts", "src/tracing/tracingVariables.ts"];
  const read = sources.flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name),
  );
  expect(names.toSorted()).toEqual(read.toSorted());
});
