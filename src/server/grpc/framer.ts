import { Code, ConnectError } from "@connectrpc/connect";
import { compressedFlag } from "@connectrpc/connect/protocol";
import { bodyTooLarge } from "../bodyTooLarge.js";

/** Before each message: a byte of flags, and its length in four (gRPC over HTTP/2, Length-Prefixed-Message). */
export const PREFIX_BYTES = 5;

/** What a request sends, in however many pieces it comes, as the messages that it is made of. */
export interface Framer {
  add(piece: Buffer): void;
  /** The next message; null until all of it has come. Throws at the sight of one that is too long, or compressed. */
  next(): Buffer | null;
  /** How much has come that was not taken. */
  size(): number;
}

const NOTHING = Buffer.alloc(0);

/**
 * A piece that comes when nothing is left is not copied. Others are, into a buffer that doubles: pieces of a byte each
 * would else be kept as objects of a hundred.
 */
export function createFramer(maxBytes: number): Framer {
  let buffer: Buffer = NOTHING;
  let start = 0;
  let end = 0;
  return {
    size() {
      return end - start;
    },
    add(piece) {
      if (start === end) {
        [buffer, start, end] = [piece, 0, piece.length];
        return;
      }
      if (end + piece.length > buffer.length) {
        const size = end - start;
        const grown = Buffer.allocUnsafe(Math.max(2 * size, size + piece.length));
        buffer.copy(grown, 0, start, end);
        [buffer, start, end] = [grown, 0, size];
      }
      end += piece.copy(buffer, end);
    },
    next() {
      if (end - start < PREFIX_BYTES) return null;
      const length = buffer.readUInt32BE(start + 1);
      if (length > maxBytes) throw bodyTooLarge(maxBytes);
      if (((buffer[start] ?? 0) & compressedFlag) !== 0) throw undeclared();
      const from = start + PREFIX_BYTES;
      if (end - from < length) return null;
      const message = buffer.subarray(from, from + length);
      start = from + length;
      // A stream may be silent for long, with megabytes of which nothing is left.
      if (start === end) [buffer, start, end] = [NOTHING, 0, 0];
      return message;
    },
  };
}

/** Compressed requests, which say so in a header, are not read here. */
const undeclared = () =>
  new ConnectError(
    "received compressed envelope, but do not know how to decompress",
    Code.Internal,
  );

/** `data` as gRPC frames it. */
export function frame(flags: number, data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + data.length);
  framed[0] = flags;
  framed.writeUInt32BE(data.length, 1);
  framed.set(data, PREFIX_BYTES);
  return framed;
}
