import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";
import { eventually } from "../support/eventually.js";
import { dial, startListener } from "../support/listener.js";

/** What a proxy in front of us would take for a part of the request before it. */
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nhost: florin\r\n\r\n";

const head = (...lines: string[]) =>
  ["POST /first HTTP/1.1", "host: florin", ...lines].map((line) => `${line}\r\n`).join("");

/** Requests of which one reader may see an end where another sees none. */
const AMBIGUOUS: Readonly<Record<string, string>> = {
  "a length and chunks": `${head("content-length: 6", "transfer-encoding: chunked")}\r\n0\r\n\r\n${SMUGGLED}`,
  "chunks and a length": `${head("transfer-encoding: chunked", "content-length: 4")}\r\n0\r\n\r\n${SMUGGLED}`,
  "two lengths": `${head("content-length: 0", `content-length: ${SMUGGLED.length}`)}\r\n${SMUGGLED}`,
  "a list of lengths": `${head(`content-length: 0, ${SMUGGLED.length}`)}\r\n${SMUGGLED}`,
  "a length with a sign": `${head("content-length: +0")}\r\n${SMUGGLED}`,
  "a hexadecimal length": `${head("content-length: 0x0")}\r\n${SMUGGLED}`,
  "a negative length": `${head("content-length: -1")}\r\n${SMUGGLED}`,
  "a length with a blank before its colon": `${head("content-length : 0")}\r\n${SMUGGLED}`,
  "a length in a folded line": `${head("x: y", " content-length: 0")}\r\n${SMUGGLED}`,
  "chunks that are something else, too": `${head("transfer-encoding: chunked, identity")}\r\n0\r\n\r\n${SMUGGLED}`,
  "chunks twice": `${head("transfer-encoding: chunked", "transfer-encoding: x")}\r\n0\r\n\r\n${SMUGGLED}`,
  "chunks by another name": `${head("transfer-encoding: xchunked")}\r\n0\r\n\r\n${SMUGGLED}`,
  "lines that end with LF alone": `POST /first HTTP/1.1\nhost: florin\ncontent-length: 0\n\n${SMUGGLED}`,
  "one line that ends with LF alone": `${head("x: y").slice(0, -2)}\ncontent-length: 0\r\n\r\n${SMUGGLED}`,
  "one line that ends with CR alone": `${head("x: y").slice(0, -2)}\rcontent-length: 0\r\n\r\n${SMUGGLED}`,
  "a chunk whose size ends with LF alone": `${head("transfer-encoding: chunked")}\r\n0\n\n${SMUGGLED}`,
  "a chunk with no end of line after it": `${head("transfer-encoding: chunked")}\r\n1\r\nx0\r\n\r\n${SMUGGLED}`,
  "a chunk of a size that is none": `${head("transfer-encoding: chunked")}\r\n0x0\r\n\r\n${SMUGGLED}`,
  "a chunk whose extension holds a line end": `${head("transfer-encoding: chunked")}\r\n0;a=\n\r\n\r\n${SMUGGLED}`,
  "U+0000 in a header": `${head("x: \0", "content-length: 0")}\r\n${SMUGGLED}`,
};

test("a request whose end is a matter of opinion is refused, and nothing after it is a request", async () => {
  const handled: string[] = [];
  const { port } = await startListener({
    handler: (req, res) => {
      handled.push(`${req.method} ${req.url}`);
      text(req).then(
        (body) => res.end(body),
        () => res.destroy(),
      );
    },
  });
  for (const [what, bytes] of Object.entries(AMBIGUOUS)) {
    handled.length = 0;
    const { socket, received } = await dial(port);
    socket.end(bytes, "latin1");
    await new Promise((resolve) => socket.once("close", resolve));
    expect(handled, what).not.toContain("GET /smuggled");
    expect(received(), what).toMatch(/^HTTP\/1\.1 400 |^$/);
  }
});

test("a request that names two hosts is refused", async () => {
  const { port } = await startTestApp({ AUTH_ENABLED: "false" });
  const { socket, received } = await dial(port);
  socket.end("GET /api/ledger/_info HTTP/1.1\r\nhost: florin\r\nHost: elsewhere\r\n\r\n");
  await eventually(() => expect(received()).toContain("there is more than one Host header"));
  expect(received()).toMatch(/^HTTP\/1\.1 400 /);
});
