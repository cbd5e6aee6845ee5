import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { expect, onTestFinished, vi } from "vitest";

/** A span as OTLP tells it, ids in hex. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** "": a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the process. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly nanoseconds: bigint;
}

export interface SpanReceiver {
  /** "http://127.0.0.1:<port>", or https. */
  readonly url: string;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** All spans so far. */
  readonly spans: readonly ReceivedSpan[];
  readonly connections: () => number;
  /** The spans that `isMeant`, when there are `count`. */
  wait(isMeant: (span: ReceivedSpan) => boolean, count?: number): Promise<ReceivedSpan[]>;
  /** As variables that send spans here without delay. */
  readonly variables: NodeJS.ProcessEnv;
}

/** Starts a receiver of OTLP/HTTP in protobuf; `answer` answers what was read. It ends with the test. */
export async function startSpanReceiver(
  answer: (response: ServerResponse, count: number) => void = (response) => response.end(),
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<SpanReceiver> {
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const spans: ReceivedSpan[] = [];
  let connections = 0;
  const listen = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const { url: path = "", headers } = request;
    requests.push({ path, headers });
    const isZipped = headers["content-encoding"] === "gzip";
    spans.push(...readExport(isZipped ? gunzipSync(body) : body));
    answer(response, requests.length);
  };
  const server = tls === null ? createServer(listen) : createTlsServer(tls, listen);
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const url = `${tls === null ? "http" : "https"}://127.0.0.1:${port}`;
  return {
    url,
    requests,
    spans,
    connections: () => connections,
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: "10" },
    wait: (isMeant, count = 1) =>
      vi.waitFor(
        () => {
          const found = spans.filter(isMeant);
          expect(found).toHaveLength(count);
          return found;
        },
        { timeout: 10_000, interval: 10 },
      ),
  };
}

type Fields = Map<number, (Uint8Array | bigint | number)[]>;

/** The fields of a message by their numbers, as they stand on the wire. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields: Fields = new Map();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const value =
      wireType === 2
        ? reader.bytes()
        : wireType === 1
          ? BigInt(reader.fixed64())
          : wireType === 5
            ? reader.fixed32()
            : BigInt(reader.uint64());
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((value) => fieldsOf(value as Uint8Array));
const bytes = (fields: Fields, number: number) =>
  Buffer.from((fields.get(number)?.[0] ?? new Uint8Array()) as Uint8Array);
const count = (fields: Fields, number: number) => BigInt((fields.get(number)?.[0] as bigint) ?? 0);

/** An ExportTraceServiceRequest (opentelemetry-proto). */
const readExport = (body: Uint8Array): ReceivedSpan[] =>
  messages(fieldsOf(body), 1).flatMap((ofResource) => {
    const [resource = new Map()] = messages(ofResource, 1);
    return messages(ofResource, 2)
      .flatMap((ofScope) => messages(ofScope, 2))
      .map((span) => readSpan(span, attributesOf(resource, 1)));
  });

function readSpan(span: Fields, resource: ReceivedSpan["resource"]): ReceivedSpan {
  const [status = new Map()] = messages(span, 15);
  return {
    traceId: bytes(span, 1).toString("hex"),
    spanId: bytes(span, 2).toString("hex"),
    traceState: bytes(span, 3).toString(),
    parentSpanId: bytes(span, 4).toString("hex"),
    name: bytes(span, 5).toString(),
    kind: Number(count(span, 6)),
    nanoseconds: count(span, 8) - count(span, 7),
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({
      traceId: bytes(link, 1).toString("hex"),
      spanId: bytes(link, 2).toString("hex"),
    })),
    status: Number(count(status, 3)),
    resource,
  };
}

const attributesOf = (fields: Fields, number: number): Record<string, unknown> =>
  Object.fromEntries(
    messages(fields, number).map((pair) => {
      const [value = new Map()] = messages(pair, 2);
      return [
        bytes(pair, 1).toString(),
        value.has(1) ? bytes(value, 1).toString() : Number(count(value, 3)),
      ];
    }),
  );
