import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import { GetAccountRequestSchema } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { waiting } from "./bothPaths.js";

export const GET_ACCOUNT = "/florin.ledger.v1.LedgerService/GetAccount";

/** One HTTP/2 connection to `url`, until the test ends. */
export function openSession(url: string): ClientHttp2Session {
  const session = connect(url);
  onTestFinished(() => session.destroy());
  return session;
}

export interface RawRequest {
  readonly headers?: OutgoingHttpHeaders;
  /** Each becomes a DATA frame. */
  readonly pieces: readonly Uint8Array[];
}

export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
}

/** Opens a call: of GetAccount, unless a path among `headers` says otherwise. */
export const openCall = (
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream =>
  session.request({
    ":method": "POST",
    ":path": GET_ACCOUNT,
    "content-type": "application/grpc",
    "x-request-id": "raw",
    te: "trailers",
    ...headers,
  });

/** Sends a request byte for byte, and reads all of the answer. */
export async function sendRaw(
  session: ClientHttp2Session,
  { headers, pieces }: RawRequest,
): Promise<RawAnswer> {
  const stream = openCall(session, headers);
  const answer = { headers: {}, trailers: {} };
  const chunks: Buffer[] = [];
  stream.on("response", ({ date: _, ...rest }) => Object.assign(answer, { headers: rest }));
  stream.on("trailers", (trailers) => Object.assign(answer, { trailers: { ...trailers } }));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = once(stream, "end");
  for (const piece of pieces) await new Promise((resolve) => stream.write(piece, resolve));
  stream.end();
  await ended;
  return { ...answer, body: Buffer.concat(chunks).toString("hex") };
}

/** Leaves a call that `request` has begin to wait, once it does; resolves when the server's implementation knows. */
export async function leave(stream: ClientHttp2Stream, request: Buffer): Promise<void> {
  const began = once(waiting, "call");
  stream.end(request);
  await began;
  const aborted = once(waiting, "aborted");
  stream.close(constants.NGHTTP2_CANCEL);
  await aborted;
}

/** A message as gRPC frames it. */
export function envelope(message: Uint8Array, { flags = 0, length = message.length } = {}): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt8(flags, 0);
  bytes.writeUInt32BE(length, 1);
  bytes.set(message, 5);
  return bytes;
}

/** A request of GetAccount. */
export const bytesOf = (ledger: string, address = "users:1"): Uint8Array =>
  toBinary(GetAccountRequestSchema, create(GetAccountRequestSchema, { ledger, address }));

/** `bytesOf`, framed. */
export const ask = (ledger = "main", address?: string): Buffer =>
  envelope(bytesOf(ledger, address));
