import type { OutgoingHttpHeaders } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type Compression,
  compressionNegotiate,
  encodeEnvelope,
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

const COMPRESSIONS = [compressionGzip, compressionBrotli];

/** Answers shorter than this are sent as they are. */
const COMPRESS_MIN_BYTES = 1024;

/** How answers to `request` are compressed; null: not at all. */
export function answerCompression(request: Http2ServerRequest): Compression | null {
  const accepted = request.headers[headerAcceptEncoding.toLowerCase()];
  if (typeof accepted !== "string") return null;
  return compressionNegotiate(COMPRESSIONS, null, accepted, headerAcceptEncoding).response;
}

export interface Answer {
  readonly message: Uint8Array;
  readonly header: Headers;
  readonly trailer: Headers;
}

/** Answers a call that succeeded. */
export async function writeAnswer(
  response: Http2ServerResponse,
  { message, header, trailer }: Answer,
  compression: Compression | null,
): Promise<void> {
  const { flags, data } = await compress(message, compression);
  writeHead(response, compression, Object.fromEntries(header));
  response.addTrailers({ ...Object.fromEntries(trailer), [headerGrpcStatus]: grpcStatusOk });
  response.end(encodeEnvelope(flags, data));
}

/** Waits for nothing where there is nothing to compress. */
const compress = (data: Uint8Array, compression: Compression | null) =>
  compression === null || data.length < COMPRESS_MIN_BYTES
    ? { flags: 0, data }
    : envelopeCompress({ flags: 0, data }, compression, COMPRESS_MIN_BYTES);

/** Answers a call that failed: what is not meant for callers is told as INTERNAL. */
export function writeFailure(
  response: Http2ServerResponse,
  error: unknown,
  compression: Compression | null,
): void {
  const told =
    error instanceof ConnectError ? error : new ConnectError("internal error", Code.Internal);
  writeHead(response, compression, {});
  const trailer = setTrailerStatus(new Headers(), told);
  // Without the escapes of ":" and the like, that no client needs and grpc-js leaves in.
  trailer.set(headerGrpcMessage, encodeURI(told.rawMessage));
  response.addTrailers(Object.fromEntries(trailer));
  response.end();
}

function writeHead(
  response: Http2ServerResponse,
  compression: Compression | null,
  header: OutgoingHttpHeaders,
): void {
  const encoding = compression === null ? {} : { [headerEncoding]: compression.name };
  response.writeHead(200, { ...header, ...encoding, "content-type": contentTypeProto });
}
