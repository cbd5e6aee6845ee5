import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { beginUpload, MOST_BYTES } from "../uploads.js";
import { readBody } from "./readBody.js";

test("a body is counted from its first piece on, until it has come", async () => {
  const wasCut = vi.fn();
  beginUpload(wasCut).add(MOST_BYTES);
  // Of a request it is but the stream, and the headers, that count here.
  const request = Object.assign(new PassThrough(), { headers: {} });
  const read = readBody(request as unknown as IncomingMessage, 100);
  request.end("{}");
  expect(String(await read)).toBe("{}");
  expect(wasCut).toHaveBeenCalledOnce();
  const next = vi.fn();
  beginUpload(next).add(MOST_BYTES);
  expect(next).not.toHaveBeenCalled();
});
