import type { Http2ServerRequest } from "node:http2";
import { PassThrough } from "node:stream";
import { Code } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { beginUpload, MOST_BYTES } from "../uploads.js";
import { frame } from "./framer.js";
import { readMessage } from "./readMessage.js";

const OPTIONS = { maxBytes: 100, timeoutMs: 60_000, signal: null };

test("a client that leaves is not waited for", async () => {
  // Of a request it is but the stream that counts here.
  const request = new PassThrough();
  const read = readMessage(request as unknown as Http2ServerRequest, OPTIONS);
  request.write(Buffer.from([0, 0, 0, 0, 9, 1]));
  request.destroy();
  await expect(read).rejects.toMatchObject({ code: Code.Canceled });
});

test("nothing is kept of what comes after a refusal", async () => {
  const request = new PassThrough();
  const read = readMessage(request as unknown as Http2ServerRequest, OPTIONS);
  request.write(Buffer.from([0, 0, 0, 0, 101]));
  await expect(read).rejects.toMatchObject({ code: Code.ResourceExhausted });
  expect(request.listenerCount("data")).toBe(0);
  expect(request.readableFlowing).toBe(true);
});

test("a message that has come is counted for as long as its call has not", async () => {
  const wasCut = vi.fn();
  beginUpload(wasCut).add(MOST_BYTES);
  const request = new PassThrough();
  const read = readMessage(request as unknown as Http2ServerRequest, OPTIONS);
  request.end(frame(0, Uint8Array.of(1)));
  expect(await read).toEqual(Buffer.of(1));
  expect(wasCut).toHaveBeenCalledOnce();
});
