import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { interruptible } from "../lib/interruptible.js";
import { beginUpload } from "./uploads.js";

/** `request`, whose bytes are counted until it has been read. */
export function countUpload(request: UniversalServerRequest): UniversalServerRequest {
  const { body } = request;
  if (typeof body !== "object" || body === null || !(Symbol.asyncIterator in body)) return request;
  return { ...request, body: count(body) };
}

async function* count(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const controller = new AbortController();
  const upload = beginUpload((error) => controller.abort(error));
  try {
    for await (const piece of interruptible(body, controller.signal)) {
      upload.add(piece.byteLength);
      yield piece;
    }
  } finally {
    upload.end();
  }
}
