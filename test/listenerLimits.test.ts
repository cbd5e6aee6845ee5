import { once } from "node:events";
import { request } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Handler, HttpResponse } from "../src/server/handler.js";
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  PREFACE,
  SETTINGS,
} from "./support/http2Frames.js";
import { closed, dial, startListener } from "./support/listener.js";

const greet: Handler = (_req, res) => {
  res.end("hello");
};

async function fetchText(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/`)).text();
}

/** The JSON of an HTTP/1.1 answer. */
const jsonOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));

test("clients that say nothing, or one byte and no more, block nobody and are cut", async () => {
  const { port } = await startListener({ handler: greet, limits: { firstBytesTimeoutMs: 300 } });
  const idlers = await Promise.all(Array.from({ length: 200 }, () => dial(port)));
  const gone = Promise.all(idlers.map(({ socket }) => closed(socket)));
  for (const { socket } of idlers.slice(100)) socket.write("P");
  expect(await fetchText(port)).toBe("hello");
  await gone;
  expect(idlers.map(({ received }) => received()).join("")).toBe("");
});

test("a client that hangs up before it said enough is forgotten", async () => {
  const { port } = await startListener({ handler: greet });
  const { socket } = await dial(port);
  socket.end("PRI *");
  await closed(socket);
  expect(await fetchText(port)).toBe("hello");
});

test("a client that breaks off before it said enough is forgotten", async () => {
  const { port } = await startListener({ handler: greet });
  const { socket } = await dial(port);
  socket.write("PRI *");
  expect(await fetchText(port)).toBe("hello");
  socket.resetAndDestroy();
  expect(await fetchText(port)).toBe("hello");
});

test("headers that come too slowly are answered 408 and cut", async () => {
  const { port } = await startListener({ handler: greet, limits: { headersTimeoutMs: 200 } });
  const { socket, received } = await dial(port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\n");
  const drip = setInterval(() => socket.write("x-slow: 1\r\n"), 50);
  await closed(socket);
  clearInterval(drip);
  expect(received()).toMatch(/^HTTP\/1.1 408 /);
  expect(jsonOf(received()).errorCode).toBe("VALIDATION");
});

test("a body that comes too slowly loses its connection", async () => {
  const { port } = await startListener({
    handler: (req) => void req.resume(),
    limits: { headersTimeoutMs: 100, requestTimeoutMs: 200 },
  });
  const { socket } = await dial(port);
  socket.write("POST / HTTP/1.1\r\nhost: florin\r\ncontent-length: 10\r\n\r\nhalf");
  await closed(socket);
});

test("an HTTP/2 stream whose request stays silent is cancelled, its connection lives on", async () => {
  const { port } = await startListener({
    handler: (req, res) => (req.method === "POST" ? req.resume() : res.end("hello")),
    limits: { requestTimeoutMs: 200, headersTimeoutMs: 200 },
  });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const silent = session.request({ ":method": "POST", ":path": "/" });
  silent.on("error", () => {});
  silent.write("half");
  await closed(silent);
  expect(silent.rstCode).toBe(constants.NGHTTP2_CANCEL);
  const [headers] = await once(session.request({ ":path": "/" }), "response");
  expect(headers[":status"]).toBe(200);
});

test("an HTTP/2 stream that waits for its answer may wait longer than its request may take", async () => {
  let answer = () => {};
  const { port } = await startListener({
    handler: (req, res) => {
      if (req.method === "GET") answer = () => void res.end("at last");
    },
    limits: { requestTimeoutMs: 100, headersTimeoutMs: 100, keepAliveTimeoutMs: 100 },
  });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const patient = session.request({ ":path": "/" });
  const silent = session.request({ ":method": "POST", ":path": "/" });
  silent.on("error", () => {});
  silent.write("half");
  // Cut after the same time as the patient one would be, and started later.
  await closed(silent);
  answer();
  const [headers] = await once(patient, "response");
  expect(headers[":status"]).toBe(200);
});

test("an HTTP/2 connection without streams is closed in the end", async () => {
  const { port } = await startListener({ handler: greet, limits: { keepAliveTimeoutMs: 100 } });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const [code] = await once(session, "goaway");
  expect(code).toBe(constants.NGHTTP2_NO_ERROR);
  await closed(session);
});

test("an answer that nobody takes is given up, in both versions", async () => {
  const ended: Promise<unknown>[] = [];
  const { port } = await startListener({
    handler: (_req, res) => {
      ended.push(closed(res));
      res.end(Buffer.alloc(64 * 1024 * 1024));
    },
    limits: { requestTimeoutMs: 200, headersTimeoutMs: 100 },
  });
  const { socket } = await dial(port);
  socket.pause().write("GET / HTTP/1.1\r\nhost: florin\r\n\r\n");
  await vi.waitFor(() => expect(ended).toHaveLength(1));
  await ended[0];

  const session = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ":path": "/" });
  stream.on("error", () => {});
  await closed(stream);
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
});

test("every request of a pipeline hears that its client has left", async () => {
  const responses: HttpResponse[] = [];
  const left = vi.fn();
  const { port } = await startListener({
    handler: (_req, res) => {
      responses.push(res);
      res.on("close", left);
    },
  });
  const { socket } = await dial(port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\n\r\n".repeat(4));
  await vi.waitFor(() => expect(responses).toHaveLength(4));
  responses[2]?.end("before its turn");
  socket.destroy();
  await vi.waitFor(() => expect(left).toHaveBeenCalledTimes(4));
  for (const response of responses) response.end("too late");
  await new Promise(setImmediate);
  expect(left).toHaveBeenCalledTimes(4);
});

test("an HTTP/2 client that broke the protocol, and does not hang up, is hung up on", async () => {
  const { port } = await startListener({
    handler: () => {},
    limits: { keepAliveTimeoutMs: 100 },
  });
  const { socket } = await dial(port);
  const gone = closed(socket);
  const request = frame(HEADERS, END_HEADERS | END_STREAM, 1, "\x82\x86\x84\x41\x06florin");
  socket.write(PREFACE + frame(SETTINGS, 0, 0) + request, "latin1");
  socket.write(frame(DATA, 0, 1, "after the end"), "latin1");
  await gone;
});

test("an HTTP/2 client that waits for its answer, and answers pings, may wait for long", async () => {
  let answer = () => {};
  const { port } = await startListener({
    handler: (_req, res) => {
      answer = () => void res.end("at last");
    },
    limits: { keepAliveTimeoutMs: 50 },
  });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ":path": "/" });
  const pinged = vi.fn();
  session.on("ping", pinged);
  await vi.waitFor(() => expect(pinged.mock.calls.length).toBeGreaterThan(3), 10_000);
  answer();
  const [headers] = await once(stream, "response");
  expect(headers[":status"]).toBe(200);
});

test("ten megabytes of headers are refused with 431", async () => {
  const { port } = await startListener({ handler: greet });
  const { socket, received } = await dial(port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\n");
  const line = `x-large: ${"x".repeat(10_000)}\r\n`;
  for (let sent = 0; sent < 10_000_000; sent += line.length) socket.write(line);
  await vi.waitFor(() => expect(received()).toContain("}"));
  expect(received()).toMatch(/^HTTP\/1.1 431 /);
  expect(jsonOf(received()).error_message).toBe("the request's headers are too large");
});

test("who is refused may finish sending: cut at once, it could lose the answer", async () => {
  const { port } = await startListener({ handler: greet });
  const { socket, received } = await dial(port, { allowHalfOpen: true });
  const broken = vi.fn();
  socket.on("error", broken);
  const gone = closed(socket);
  socket.write(`GET / HTTP/1.1\r\nx-large: ${"x".repeat(20_000)}`);
  await vi.waitFor(() => expect(received()).toContain("}"));
  socket.write("x".repeat(20_000));
  await fetchText(port);
  socket.end("x");
  await gone;
  expect(broken).not.toHaveBeenCalled();
});

test("ten megabytes of headers end an HTTP/2 connection before any handler sees them", async () => {
  const handler = vi.fn(greet);
  const { port } = await startListener({ handler });
  const { socket } = await dial(port);
  const piece = `\x00\x07x-large\x7f\x81\x77${"x".repeat(15_222)}`; // HPACK: a literal of 127 + 15,095 octets
  socket.write(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 0, 1, "\x82\x86\x84"), "latin1");
  for (let sent = 0; sent < 10_000_000; sent += piece.length) {
    socket.write(frame(CONTINUATION, 0, 1, piece), "latin1");
  }
  await closed(socket);
  expect(handler).not.toHaveBeenCalled();
  expect(await fetchText(port)).toBe("hello");
});

test("more headers than the limit of 128 end an HTTP/2 stream before any handler sees them", async () => {
  const handler = vi.fn(greet);
  const { port } = await startListener({ handler });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const many = Array.from({ length: 150 }, (_, n) => [`x-${n}`, "x"]);
  const stream = session.request({ ":path": "/", ...Object.fromEntries(many) });
  stream.on("error", () => {});
  await closed(stream);
  expect(stream.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  expect(handler).not.toHaveBeenCalled();
});

test("no header is dropped in silence, however many there are", async () => {
  const { port } = await startListener({
    handler: (req, res) => void res.end(String(req.headers["idempotency-key"])),
  });
  const { socket, received } = await dial(port);
  const many = Array.from({ length: 3_000 }, () => "a:\r\n").join("");
  socket.write(`GET / HTTP/1.1\r\nhost: florin\r\n${many}idempotency-key: kept\r\n\r\n`);
  await vi.waitFor(() => expect(received()).toMatch(/kept$/));
});

test("what is no HTTP is answered 400 with the error body", async () => {
  const { port } = await startListener({ handler: greet });
  const { socket, received } = await dial(port);
  socket.write("\x16\x03\x01 this is not HTTP\r\n\r\n");
  await closed(socket);
  expect(received()).toMatch(/^HTTP\/1.1 400 /);
  expect(jsonOf(received())).toEqual({
    errorCode: "VALIDATION",
    errorMessage: "the request is not valid HTTP",
    error_code: "VALIDATION",
    error_message: "the request is not valid HTTP",
  });
});

test("rubbish after the HTTP/2 preface costs its sender the connection, and nobody else's", async () => {
  const { port } = await startListener({ handler: greet });
  const { socket } = await dial(port);
  socket.write(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"rubbish".repeat(1000)}`);
  await closed(socket);
  expect(await fetchText(port)).toBe("hello");
});

test("a client that resets streams as fast as it opens them is disconnected", async () => {
  const { port } = await startListener({ handler: greet });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  const disconnected = closed(session);
  const flood = setInterval(() => {
    for (let n = 0; n < 500 && !session.destroyed && !session.closed; n += 1) {
      const stream = session.request({ ":path": "/" });
      stream.on("error", () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }, 1);
  await disconnected;
  clearInterval(flood);
  expect(await fetchText(port)).toBe("hello");
});

test("a handler that throws answers 500 and harms nobody", async () => {
  const { port } = await startListener({
    handler: () => {
      throw new Error("secret detail");
    },
  });
  for (const _ of [1, 2]) {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      errorCode: "INTERNAL",
      errorMessage: "internal error",
    });
  }
});

test("a host that is none is answered 400 when it makes a handler throw", async () => {
  const { port } = await startListener({
    handler: (req, res) => void res.end(new URL(`http://${req.headers.host}/`).href),
  });
  const asked = request({ port, host: "127.0.0.1", headers: { host: "[not a host" } });
  const [response] = await once(asked.end(), "response");
  expect(response.statusCode).toBe(400);
});

test("an HTTP/1.1 connection without requests is closed in the end", async () => {
  const { port } = await startListener({ handler: greet, limits: { keepAliveTimeoutMs: 100 } });
  const { socket, received } = await dial(port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\n\r\n");
  await closed(socket);
  expect(received()).toMatch(/hello$/);
});

test("connections over the limit are refused, those within it live on", async () => {
  const { port } = await startListener({ handler: greet, limits: { maxConnections: 2 } });
  const [first] = [await dial(port), await dial(port)];
  await closed((await dial(port)).socket);
  first.socket.write("GET / HTTP/1.1\r\nhost: florin\r\n\r\n");
  await vi.waitFor(() => expect(first.received()).toMatch(/hello$/));
});
