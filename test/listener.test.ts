import { once } from "node:events";
import { get } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Handler } from "../src/server/handler.js";
import {
  ACK,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  PREFACE,
  SETTINGS,
} from "./support/http2Frames.js";
import { dial, startListener } from "./support/listener.js";

/** Tells the version of HTTP it was asked over, and gives the body back. */
const echo: Handler = (req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk) => chunks.push(chunk));
  req.on("end", () => {
    res.setHeader("x-http", req.httpVersion);
    res.end(Buffer.concat(chunks));
  });
};

function http2Client(port: number): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  return session;
}

async function post(session: ClientHttp2Session, body: Buffer): Promise<Buffer> {
  const stream = session.request({ ":method": "POST", ":path": "/" });
  stream.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("one port speaks HTTP/1.1 and HTTP/2 without TLS", async () => {
  const { port } = await startListener({ handler: echo });
  const [response] = await once(get({ port, host: "127.0.0.1" }), "response");
  expect(response.headers["x-http"]).toBe("1.1");
  response.resume();

  const stream = http2Client(port).request({ ":path": "/" });
  const [headers] = await once(stream, "response");
  expect(headers["x-http"]).toBe("2.0");
});

test("the first bytes may come one at a time, in both versions", async () => {
  const { port } = await startListener({ handler: echo });
  const [http1, http2] = [await dial(port), await dial(port)];
  // Who sends many bytes is answered only after the server has read the single ones before.
  const hasRead = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  for (const byte of "POST / HTTP/1.1\r\nhost: florin\r\ncontent-length: 2\r\n\r\nhi") {
    http1.socket.write(byte, "latin1");
    await hasRead();
  }
  for (const byte of PREFACE + frame(SETTINGS, 0, 0)) {
    http2.socket.write(byte, "latin1");
    await hasRead();
  }
  await vi.waitFor(() => expect(http1.received()).toMatch(/^HTTP\/1.1 200 OK.*x-http: 1.1.*hi$/s));
  await vi.waitFor(() => expect(http2.received()).toContain(frame(SETTINGS, ACK, 0)));
});

test("a large request in one piece with the preface is read whole", async () => {
  const { port } = await startListener({ handler: echo });
  const { socket, received } = await dial(port);
  const post = "\x83\x86\x84\x41\x06florin"; // HPACK: POST, http, "/", authority
  const data = Array.from({ length: 4 }, () => frame(DATA, 0, 1, "x".repeat(16_000)));
  const request = [frame(HEADERS, END_HEADERS, 1, post), ...data, frame(DATA, END_STREAM, 1)];
  socket.write(PREFACE + frame(SETTINGS, 0, 0) + request.join(""), "latin1");
  await vi.waitFor(() => expect(received().match(/x/g)?.length).toBeGreaterThanOrEqual(64_000));
});

test("a thousand calls over one connection are answered, so many at a time", async () => {
  const { port } = await startListener({ handler: echo });
  const session = http2Client(port);
  const [settings] = await once(session, "remoteSettings");
  expect(settings.maxConcurrentStreams).toBe(256);
  const bodies = Array.from({ length: 1000 }, (_, n) => Buffer.from(`body ${n}`));
  const answers = await Promise.all(bodies.map((body) => post(session, body)));
  expect(answers.map(String)).toEqual(bodies.map(String));
});

test("an offer to upgrade to HTTP/2 is politely ignored", async () => {
  const { port } = await startListener({ handler: echo });
  const { socket, received } = await dial(port);
  socket.write(
    "GET / HTTP/1.1\r\nhost: florin\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n",
  );
  await vi.waitFor(() => expect(received()).toContain("200 OK"));
});

test("whatever a client expects beforehand, its request is answered", async () => {
  const { port } = await startListener({ handler: echo });
  const { socket, received } = await dial(port);
  socket.write("GET / HTTP/1.1\r\nhost: florin\r\nexpect: 200-maybe\r\n\r\n");
  await vi.waitFor(() => expect(received()).toMatch(/^HTTP\/1.1 200 OK.*x-http: 1.1/s));
  const stream = http2Client(port).request({ ":path": "/", expect: "200-maybe" });
  const [headers] = await once(stream, "response");
  expect(headers[":status"]).toBe(200);
});

test("a body that is not being read does not stop the other streams of its connection", async () => {
  const { port } = await startListener({
    handler: (req, res) => {
      if (req.url !== "/stuck") echo(req, res);
    },
  });
  const session = http2Client(port);
  await once(session, "remoteSettings");
  const stuck = session.request({ ":method": "POST", ":path": "/stuck" });
  stuck.on("error", () => {});
  stuck.write(Buffer.alloc(1_000_000));
  const body = Buffer.alloc(100_000, "florin");
  expect((await post(session, body)).equals(body)).toBe(true);
});

test("when a client leaves, all of its pipeline is over, each once", async () => {
  const over: (string | undefined)[] = [];
  let asked = 0;
  const { port } = await startListener({
    handler: (req, res) => {
      asked++;
      res.on("close", () => over.push(req.url));
      if (req.url === "/answered") res.end("said, but not sent");
    },
  });
  const { socket } = await dial(port);
  const paths = ["/first", "/answered", "/waiting"];
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: florin\r\n\r\n`).join(""));
  await expect.poll(() => asked).toBe(3);
  socket.destroy();
  await expect.poll(() => over.toSorted()).toEqual(paths.toSorted());
});

test("when an HTTP/2 client leaves without a word, all of its calls are over at once", async () => {
  let underWay = 0;
  const { port } = await startListener({
    handler: (_req, res) => {
      underWay++;
      res.once("close", () => underWay--);
    },
  });
  const session = http2Client(port);
  for (const endStream of [true, false]) {
    session.request({ ":path": "/", ":method": "POST" }, { endStream }).on("error", () => {});
  }
  await expect.poll(() => underWay).toBe(2);
  session.destroy();
  await expect.poll(() => underWay).toBe(0);
});
