import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { beginUpload, MOST_BYTES } from "../uploads.js";
import { readBody } from "./readBody.js";

test.each([
  { httpVersionMajor: 1, headers: {}, isCounted: true },
  { httpVersionMajor: 1, headers: { "content-length": "2" }, isCounted: false },
  // Its end may be held back.
  { httpVersionMajor: 2, headers: { "content-length": "2" }, isCounted: true },
])("a body is counted from its first piece on, until it has come: %j", async (it) => {
  const wasCut = vi.fn();
  const other = beginUpload(wasCut);
  other.add(MOST_BYTES);
  // Of a request it is but the stream, and that, which counts here.
  const request = Object.assign(new PassThrough(), it);
  const read = readBody(request as unknown as IncomingMessage, 100);
  request.end("{}");
  expect(String(await read)).toBe("{}");
  expect(wasCut).toHaveBeenCalledTimes(it.isCounted ? 1 : 0);
  other.end();
  const next = vi.fn();
  beginUpload(next).add(MOST_BYTES);
  expect(next).not.toHaveBeenCalled();
});
