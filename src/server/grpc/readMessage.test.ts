import type { Http2ServerRequest } from "node:http2";
import { PassThrough } from "node:stream";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
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
