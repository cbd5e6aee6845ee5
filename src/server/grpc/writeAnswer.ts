import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type Compression,
  compressionNegotiate,
  envelopeCompress,
} from "@connectrpc/connect/protocol";
import {
  contentTypeProto,
  grpcStatusOk,
  headerAcceptEncoding,
  headerEncoding,
  headerGrpcMessage,
  headerGrpcStatus,
  setTrailerStatus,
} from "@connectrpc/connect/protocol-grpc";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import type { HttpResponse } from "../handler.js";
import { frame } from "./framer.js";
import { percentEncode } from "./percentEncode.js";

const COMPRESSIONS = [compressionGzip, compressionBrotli];

/** Messages shorter than this are sent as they are. */
const COMPRESS_MIN_BYTES = 1024;

/** How answers to `request` are compressed; null: not at all. */
export function answerCompression(request: Http2ServerRequest): Compression | null {
  const accepted = request.headers[headerAcceptEncoding.toLowerCase()];
  if (typeof accepted !== "string") return null;
  return compressionNegotiate(COMPRESSIONS, null, accepted, headerAcceptEncoding).response;
}

/** `message` as it is sent. Waits for nothing where there is nothing to compress. */
export function envelope(
  message: Uint8Array,
  compression: Compression | null,
): Buffer | Promise<Buffer> {
  if (compression === null || message.length < COMPRESS_MIN_BYTES) return frame(0, message);
  return envelopeCompress({ flags: 0, data: message }, compression, COMPRESS_MIN_BYTES).then(
    ({ flags, data }) => frame(flags, data),
  );
}

/** What is known of an answer before its first message. */
export function writeHead(
  response: Http2ServerResponse,
  compression: Compression | null,
  header?: Headers,
): void {
  const encoding = compression === null ? {} : { [headerEncoding]: compression.name };
  const ours = { ...encoding, "content-type": contentTypeProto };
  response.writeHead(200, header ? { ...Object.fromEntries(header), ...ours } : ours);
}

/** Ends an answer that went well, with `last` as the last of it. */
export function endAnswer(response: Http2ServerResponse, trailer: Headers, last?: Buffer): void {
  response.addTrailers({ ...Object.fromEntries(trailer), [headerGrpcStatus]: grpcStatusOk });
  if (last === undefined) response.end();
  else response.end(last);
}

/** Ends the answer of a call that failed: what is not meant for callers is told as INTERNAL. */
export function endWithError(
  response: Http2ServerResponse,
  error: unknown,
  compression: Compression | null,
): void {
  if (!response.headersSent) writeHead(response, compression);
  response.addTrailers(Object.fromEntries(statusOf(error)));
  response.end();
}

/** Answers a call of gRPC or gRPC-Web that does not even begin: with headers, and nothing after them. */
export function refuseCall(response: HttpResponse, contentType: string, error: ConnectError): void {
  const headers = { ...Object.fromEntries(statusOf(error)), "content-type": contentType };
  // Node's two types of response differ in how they name what they return.
  (response as Http2ServerResponse).writeHead(200, headers).end();
}

/** The metadata that tell a client of `error`. */
function statusOf(error: unknown): Headers {
  const told =
    error instanceof ConnectError ? error : new ConnectError("internal error", Code.Internal);
  const status = setTrailerStatus(new Headers(), told);
  // In the place of the one that escapes ":" and the like: grpc-js does not take that back.
  status.set(headerGrpcMessage, percentEncode(told.rawMessage));
  return status;
}
