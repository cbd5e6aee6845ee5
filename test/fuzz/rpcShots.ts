import { gzipSync } from "node:zlib";
import { type DescMessage, type DescMethod, toJsonString } from "@bufbuild/protobuf";
import fc, { type Arbitrary } from "fast-check";
import { spoiltJson } from "./jsonText.js";
import { messagesOf } from "./messages.js";
import { protobufOf } from "./protobufBytes.js";
import type { Shot } from "./shot.js";
import type { Words } from "./words.js";

/** A message, and what its content type ends with. */
interface Encoded {
  readonly format: "proto" | "json";
  readonly bytes: Buffer;
}

const encodedOf = (desc: DescMessage, known: Words): Arbitrary<Encoded> =>
  fc.oneof(inFormat("proto", desc, known), inFormat("json", desc, known));

const inFormat = (
  format: Encoded["format"],
  desc: DescMessage,
  known: Words,
): Arbitrary<Encoded> => {
  const bytes = format === "proto" ? protobufOf(desc, known) : spoiltJson(protoJsonOf(desc, known));
  return bytes.map((bytes) => ({ format, bytes }));
};

/** What a call of `rpc` sends: a message in its envelope, or, of a stream, several. */
function bodiesOf({ input, methodKind }: DescMethod, known: Words): Arbitrary<Encoded> {
  const one = enveloped(encodedOf(input, known));
  if (!/^(client|bidi)/.test(methodKind)) return one;
  const several = (format: Encoded["format"]) =>
    fc
      .array(enveloped(inFormat(format, input, known)), { maxLength: 4 })
      .map((all) => ({ format, bytes: Buffer.concat(all.map(({ bytes }) => bytes)) }));
  return fc.oneof(one, several("proto"), several("json"));
}

const protoJsonOf = (desc: DescMessage, known: Words): Arbitrary<string> =>
  messagesOf(desc, known).map((message) => {
    try {
      return toJsonString(desc, message);
    } catch {
      // Times beyond all years, numbers that are none: JSON cannot say them.
      return '{"ledger":"main"}';
    }
  });

/** Good ones, and what senders get wrong. */
const extraHeaders = (timeoutHeader: string): Arbitrary<Record<string, string>> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("1", "1n", "0m", "99999999H", "999999999S", "-1S", "x", "1.5S", "5000", "")
        .map((value) => ({ [timeoutHeader]: value })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Record<string, string>[]>(
        { authorization: "Bearer x" },
        { authorization: "Basic Og==" },
        { authorization: "" },
        { "idempotency-key": "k".repeat(300) },
        { "idempotency-key": "" },
        { "last-event-id": "-1" },
        { "x-request-id": "<script>" },
        { traceparent: "00-x" },
        { "custom-bin": "!!!" },
      ),
    },
  );

/** A message in its envelope, or what is not quite that. */
const enveloped = (message: Arbitrary<Encoded>): Arbitrary<Encoded> =>
  fc.oneof(
    { weight: 12, arbitrary: message.map((it) => ({ ...it, bytes: envelope(it.bytes) })) },
    {
      weight: 4,
      arbitrary: fc.tuple(message, misfit).map(([it, wrap]) => ({ ...it, bytes: wrap(it.bytes) })),
    },
  );

function envelope(bytes: Buffer, flags = 0, length = bytes.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([head, bytes]);
}

const misfit = fc.constantFrom<((bytes: Buffer) => Buffer)[]>(
  (bytes) => envelope(bytes, 1),
  (bytes) => envelope(gzipSync(bytes), 1),
  (bytes) => envelope(bytes, 2),
  (bytes) => envelope(bytes, 128),
  (bytes) => envelope(bytes, 255),
  (bytes) => envelope(bytes, 0, bytes.length + 1),
  (bytes) => envelope(bytes, 0, Math.max(0, bytes.length - 1)),
  (bytes) => envelope(bytes, 0, 2 ** 31),
  (bytes) => envelope(bytes, 0, 2 ** 32 - 1),
  (bytes) => Buffer.concat([envelope(bytes), envelope(bytes)]),
  (bytes) => Buffer.concat([envelope(bytes), Buffer.from([0, 0, 0])]),
  (bytes) => envelope(bytes).subarray(0, 3),
  (bytes) => bytes,
  () => Buffer.alloc(0),
);

const encodings = fc.constantFrom("gzip", "br", "identity", "zstd", "deflate", "gzip, gzip", "");

/** Most are `undefined`: the header is left out. */
const sometimes = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: arbitrary.map((value): T | undefined => value) },
  );

const pathOf = (rpc: DescMethod) => `/${rpc.parent.typeName}/${rpc.name}`;

const ends = (rpc: DescMethod): Arbitrary<Shot["end"]> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant("well" as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "reset" as const,
        ...(rpc.methodKind.endsWith("streaming") ? ["never" as const] : []),
      ),
    },
  );

/** Calls of `rpc` in envelopes: gRPC and gRPC-Web. */
const grpcShots =
  (wire: "gRPC" | "gRPC-Web", type: string) =>
  (rpc: DescMethod, known: Words): Arbitrary<Shot> =>
    fc
      .record({
        message: bodiesOf(rpc, known),
        extra: extraHeaders("grpc-timeout"),
        encoding: sometimes(encodings),
        oddType: sometimes(
          fc.constantFrom(`${type}+thrift`, `${type}; charset=x`, "text/plain", ""),
        ),
        end: ends(rpc),
      })
      .map(({ message, extra, encoding, oddType, end }) => ({
        ...{ wire, rpc, end, verb: "POST", path: pathOf(rpc), body: message.bytes },
        headers: {
          ...{ "content-type": oddType ?? `${type}+${message.format}`, te: "trailers" },
          ...(encoding !== undefined && { "grpc-encoding": encoding }),
          ...extra,
        },
      }));

/** Calls of `rpc` over Connect, which puts unary messages in no envelope. */
function connectShots(rpc: DescMethod, known: Words): Arbitrary<Shot> {
  const isUnary = rpc.methodKind === "unary";
  return fc
    .record({
      message: isUnary ? encodedOf(rpc.input, known) : bodiesOf(rpc, known),
      extra: extraHeaders("connect-timeout-ms"),
      encoding: sometimes(fc.tuple(encodings, fc.boolean())),
      oddType: sometimes(
        fc.constantFrom(
          "application/json; charset=utf-16",
          "application/connect+json",
          "application/proto; a",
          "text/json",
          "",
        ),
      ),
      verb: sometimes(fc.constantFrom("GET", "PUT", "HEAD", "OPTIONS")),
      end: ends(rpc),
    })
    .map(({ message, extra, encoding, oddType, verb = "POST", end }) => {
      const [name, isPacked] = encoding ?? [undefined, false];
      const bytes = isPacked ? gzipSync(message.bytes) : message.bytes;
      const query = `encoding=${message.format}&base64=1&message=${message.bytes.toString("base64url").slice(0, 6_000)}&connect=v1`;
      return {
        ...{ wire: "Connect" as const, rpc, end: verb === "POST" ? end : "well", verb },
        path: verb === "POST" ? pathOf(rpc) : `${pathOf(rpc)}?${query}`,
        headers: {
          ...(verb === "POST" && {
            "content-type": oddType ?? `application/${isUnary ? "" : "connect+"}${message.format}`,
          }),
          ...(name !== undefined && {
            [isUnary ? "content-encoding" : "connect-content-encoding"]: name,
          }),
          "connect-protocol-version": "1",
          ...extra,
        },
        body: verb === "POST" ? bytes : null,
      };
    });
}

/** Calls of `rpc` on each RPC protocol: valid, nearly valid and hostile ones. */
export const RPC_SHOTS = {
  gRPC: grpcShots("gRPC", "application/grpc"),
  "gRPC-Web": grpcShots("gRPC-Web", "application/grpc-web"),
  Connect: connectShots,
} as const;
