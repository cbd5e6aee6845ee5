import type { Http2ServerRequest } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { compressedFlag } from "@connectrpc/connect/protocol";

/** Before each message: a byte of flags, and its length in four (gRPC over HTTP/2, Length-Prefixed-Message). */
const PREFIX_BYTES = 5;

/** The one message that a unary call sends, in however many pieces it comes. Throws as soon as it can be no such message. */
export function readMessage(request: Http2ServerRequest, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (error: ConnectError) => {
      // What else comes flows on, and away.
      request.off("data", onData).off("end", onEnd);
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      const hadLength = size >= PREFIX_BYTES;
      chunks.push(chunk);
      size += chunk.length;
      if (size < PREFIX_BYTES) return;
      if (!hadLength) join(chunks);
      const end = PREFIX_BYTES + lengthOf(chunks);
      if (end - PREFIX_BYTES > maxBytes) refuse(tooLarge(end - PREFIX_BYTES, maxBytes));
      else if (size >= end + PREFIX_BYTES) refuse(notOne("received extra"));
    };
    const onEnd = () => {
      if (size === 0) return reject(notOne("missing"));
      const bytes = join(chunks);
      if (size < PREFIX_BYTES || size !== PREFIX_BYTES + lengthOf(chunks)) {
        reject(new ConnectError("protocol error: incomplete envelope", Code.InvalidArgument));
      } else if (((bytes[0] ?? 0) & compressedFlag) !== 0) reject(undeclared());
      else resolve(bytes.subarray(PREFIX_BYTES));
    };
    request.on("data", onData).once("end", onEnd);
    request.once("close", () => {
      if (!request.readableEnded) reject(new ConnectError("the client left", Code.Canceled));
    });
  });
}

/** Makes one of all `chunks`. */
function join(chunks: Buffer[]): Buffer {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const joined = Buffer.concat(chunks);
  chunks.splice(0, chunks.length, joined);
  return joined;
}

/** Of the message that begins in the first of `chunks`, whose prefix is whole. */
const lengthOf = ([first]: readonly Buffer[]): number => first?.readUInt32BE(1) ?? 0;

const tooLarge = (bytes: number, maxBytes: number) =>
  new ConnectError(
    `message size ${bytes} is larger than configured readMaxBytes ${maxBytes}`,
    Code.ResourceExhausted,
  );

/** UNIMPLEMENTED is what gRPC says of a wrong number of messages (statuscodes.md). */
const notOne = (what: "missing" | "received extra") =>
  new ConnectError(`protocol error: ${what} input message for unary method`, Code.Unimplemented);

const undeclared = () =>
  new ConnectError(
    "received compressed envelope, but do not know how to decompress",
    Code.Internal,
  );
