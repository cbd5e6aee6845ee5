import type { Http2ServerRequest } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { beginUpload, type Upload } from "../uploads.js";
import { createFramer, PREFIX_BYTES } from "./framer.js";

export interface ReadOptions {
  readonly maxBytes: number;
  /** How long the message may take from its first piece on. */
  readonly timeoutMs: number;
  /** Ends the wait with its reason. Null: nothing does. */
  readonly signal: AbortSignal | null;
}

/** The one message that a call sends, in however many pieces it comes. Throws as soon as it can be no such message. */
export function readMessage(
  request: Http2ServerRequest,
  { maxBytes, timeoutMs, signal }: ReadOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const framer = createFramer(maxBytes);
    let message: Buffer | null = null;
    let timer: NodeJS.Timeout | undefined;
    let upload: Upload | undefined;
    const stop = () => {
      clearTimeout(timer);
      upload?.end();
      request.off("data", onData).off("end", onEnd);
      signal?.removeEventListener("abort", onAbort);
    };
    const refuse = (error: unknown) => {
      stop();
      // What else comes flows on, and away.
      request.resume();
      reject(error);
    };
    const onAbort = () => refuse(signal?.reason);
    const onData = (piece: Buffer) => {
      framer.add(piece);
      try {
        message ??= framer.next();
      } catch (error) {
        return refuse(error);
      }
      if (message !== null && framer.size() >= PREFIX_BYTES) {
        return refuse(notOne("received extra"));
      }
      if (message === null) timer ??= setTimeout(() => refuse(overdue()), timeoutMs);
      upload ??= beginUpload(refuse);
      upload.add(piece.length);
    };
    const onEnd = () => {
      // Node ends a request that was cut as if all of it had come.
      stop();
      if (request.aborted) reject(clientLeft());
      else if (framer.size() > 0) reject(incomplete());
      else if (message === null) reject(notOne("missing"));
      else resolve(message);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    request.on("data", onData).once("end", onEnd);
    request.once("close", () => {
      if (request.readableEnded) return;
      stop();
      reject(clientLeft());
    });
  });
}

/** UNIMPLEMENTED is what gRPC says of a wrong number of messages (statuscodes.md). */
const notOne = (what: "missing" | "received extra") =>
  new ConnectError(`protocol error: ${what} input message`, Code.Unimplemented);

const overdue = () =>
  new ConnectError("the request took too long to arrive", Code.DeadlineExceeded);

export const clientLeft = () => new ConnectError("the client left", Code.Canceled);

export const incomplete = () =>
  new ConnectError("protocol error: incomplete envelope", Code.InvalidArgument);
