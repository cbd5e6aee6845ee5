import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { type GrpcServer, MAX_BYTES, startGrpcServer } from "./bothPaths.js";
import {
  ask,
  bytesOf,
  envelope,
  GET_ACCOUNT,
  openSession,
  type RawAnswer,
  type RawRequest,
  sendRaw,
} from "./rawCalls.js";

/** The longest address that fits. */
const LONGEST = "a".repeat(MAX_BYTES - (bytesOf("main", "a".repeat(18_000)).length - 18_000));
const EMPTY = new Uint8Array();
const OTHER_PATH = GET_ACCOUNT.replace("GetAccount", "");

interface Row extends RawRequest {
  /** As the trailers tell it; null where they tell none. */
  readonly code: Code | 0 | null;
  /** Whether it is for the fast path. */
  readonly isFast: boolean;
}

const fast = (pieces: Uint8Array[], code: Code | 0, headers = {}): Row => ({
  pieces,
  headers,
  code,
  isFast: true,
});

const left = (pieces: Uint8Array[], code: Code | 0 | null, headers = {}): Row => ({
  ...fast(pieces, 0, headers),
  code,
  isFast: false,
});

const rows: Record<string, Row> = {
  "a message": fast([ask()], 0),
  "a message in +proto": fast([ask()], 0, { "content-type": "application/grpc+proto" }),
  "a message that is declared not to be compressed": fast([ask()], 0, {
    "grpc-encoding": "identity",
  }),
  "a message byte by byte": fast(
    [...ask()].map((byte) => Uint8Array.of(byte)),
    0,
  ),
  "a message whose prefix comes alone": fast([ask().subarray(0, 5), ask().subarray(5)], 0),
  "an empty message": fast([envelope(EMPTY)], 0),
  "a message with fields that nobody knows": fast(
    [envelope(Buffer.concat([bytesOf("main"), Uint8Array.of(0x98, 0x06, 1)]))],
    0,
  ),
  "a message as long as may be": fast([ask("main", LONGEST)], 0),
  "a flag without a meaning": fast([envelope(bytesOf("main"), { flags: 2 })], 0),
  "text that cannot be stored": fast([ask("main", "a\0")], Code.InvalidArgument),
  "a refusal with details, metadata and a message that must be escaped": fast(
    [ask("refuse")],
    Code.NotFound,
  ),
  "a fault": fast([ask("fault")], Code.Internal),
  "binary metadata, both ways": fast([ask("metadata")], 0, {
    "x-said": ["one", "two"],
    "x-said-bin": "3q2+7w",
  }),
  "a header bound to a field": fast([envelope(EMPTY)], Code.Aborted, {
    ":path": `${OTHER_PATH}AddMetadataToAccount`,
    "idempotency-key": "once",
  }),
  "a deadline that is over": fast([ask("wait")], Code.DeadlineExceeded, { "grpc-timeout": "0m" }),
  "a deadline that ends the call": fast([ask("wait")], Code.DeadlineExceeded, {
    "grpc-timeout": "20m",
  }),
  "a deadline that is met": fast([ask()], 0, { "grpc-timeout": "20S" }),
  "a client that reads gzip, and a short answer": fast([ask()], 0, {
    "grpc-accept-encoding": "identity,deflate,gzip",
  }),
  "a client that reads gzip, and a long answer": fast([ask("main", "a".repeat(2000))], 0, {
    "grpc-accept-encoding": "identity,deflate,gzip",
  }),
  "a client that reads gzip, and a refusal": fast([ask("refuse")], Code.NotFound, {
    "grpc-accept-encoding": "gzip",
  }),
  "a client that reads br": fast([ask("main", "a".repeat(2000))], 0, {
    "grpc-accept-encoding": "br,gzip",
  }),
  "a client that reads nothing we write": fast([ask("main", "a".repeat(2000))], 0, {
    "grpc-accept-encoding": "snappy",
  }),
  "a client that does not say te": fast([ask()], 0, { te: undefined }),
  "a request in gzip": left([ask()], 0, { "grpc-encoding": "gzip" }),
  "a request in what we do not read": left([ask()], Code.Unimplemented, {
    "grpc-encoding": "snappy",
  }),
  "a message in JSON": left([envelope(Buffer.from('{"ledger":"main"}'))], 0, {
    "content-type": "application/grpc+json",
  }),
  "gRPC-Web": left([ask()], null, { "content-type": "application/grpc-web" }),
  Connect: left([bytesOf("main")], null, { "content-type": "application/proto" }),
  "a type that nobody speaks": left([ask()], null, { "content-type": "application/grpc+xml" }),
  "a verb other than POST": left([ask()], null, { ":method": "PUT" }),
  "a path with a query": fast([ask()], 0, { ":path": `${GET_ACCOUNT}?a=b` }),
  "a stream of answers": fast([envelope(EMPTY)], 0, { ":path": `${OTHER_PATH}WatchLogs` }),
  "what is not implemented": fast([envelope(EMPTY)], Code.Unimplemented, {
    ":path": `${OTHER_PATH}GetMapping`,
  }),
  "a host that is none": left([ask()], null, { ":authority": "127.0.0.1:99999" }),
};

test.each(Object.entries(rows))("%s: the same answer on both paths", async (_, row) => {
  const [slowServer, fastServer] = await Promise.all([
    startGrpcServer({ isFast: false }),
    startGrpcServer({ isFast: true }),
  ]);
  const expected = await sendRaw(openSession(slowServer.url), row);
  const answer = await sendRaw(openSession(fastServer.url), row);
  expect(unescaped(answer)).toEqual(unescaped(expected));
  expect(answer.trailers["grpc-status"] ?? null).toBe(row.code === null ? null : `${row.code}`);
  expect(fastServer.leftToConnect()).toBe(row.isFast ? 0 : 1);
  expect(await loggedBy(fastServer)).toEqual(await loggedBy(slowServer));
});

/** Connect escapes more of messages than it must. */
function unescaped({ trailers, ...answer }: RawAnswer) {
  const message = decodeURIComponent(String(trailers["grpc-message"] ?? ""));
  return { ...answer, trailers: { ...trailers, "grpc-message": message } };
}

/** The line of its one request, without what differs from one time to another. */
async function loggedBy({ log }: GrpcServer) {
  const [line] = await log.lines("request", 1);
  return { ...line, time: null, durationMs: null };
}
