import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { ApiError } from "../apiError.js";
import { bodyTooLarge } from "../bodyTooLarge.js";
import { beginUpload, type Upload } from "../uploads.js";

/** All bytes of the body. Throws as soon as they exceed `maxBytes`; the rest is then left unread. */
export function readBody(
  request: IncomingMessage | Http2ServerRequest,
  maxBytes: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const { "content-encoding": encoding = "identity", "content-length": length } = request.headers;
    if (encoding !== "identity") throw unsupportedEncoding(encoding);
    const expected = Number(length);
    if (expected > maxBytes) throw bodyTooLarge(maxBytes);
    const chunks: Buffer[] = [];
    let size = 0;
    let upload: Upload | undefined;
    const refuse = (error: Error) => {
      upload?.end();
      request.off("data", onData).pause();
      chunks.length = 0;
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) return refuse(bodyTooLarge(maxBytes));
      chunks.push(chunk);
      // It has come whole, and is not kept for long; over HTTP/2 its end may still be held back.
      if (size === expected && request.httpVersionMajor === 1) return;
      upload ??= beginUpload(refuse);
      upload.add(chunk.length);
    };
    request.on("data", onData);
    request.once("end", () => {
      upload?.end();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.once("error", reject);
    request.once("close", () => {
      upload?.end();
      // Every request closes: an error, and its stack, is made for those alone that came to no end.
      if (!request.readableEnded) reject(new ConnectError("the client left", Code.Canceled));
    });
  });
}

const unsupportedEncoding = (encoding: string) =>
  new ApiError({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    httpStatus: 415,
    message: `content encoding ${encoding} is not supported`,
    reason: "UNSUPPORTED_ENCODING",
  });
