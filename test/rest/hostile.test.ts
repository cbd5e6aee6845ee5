import { once } from "node:events";
import { connect as connectH2, createServer as createH2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { bindHeaders } from "../../src/server/interceptors/bindHeaders.js";
import { restListener, serveRest } from "./serveRest.js";

const TOO_LARGE = {
  errorCode: "VALIDATION",
  errorMessage: "request body is larger than 1000 bytes",
};

const serveSmall = () => serveRest({ labelled: () => ({}) });

test("max_body_bytes: a body at the limit is read, one byte more is 413", async () => {
  const { send } = await serveSmall();
  const body = `{"a":"${"x".repeat(992)}"}`;
  expect((await send("PATCH", "/test/labels/1", { body })).status).toBe(204);
  const { status, body: told } = await send("PATCH", "/test/labels/1", { body: `${body} ` });
  expect([status, JSON.parse(told)]).toMatchObject([413, TOO_LARGE]);
});

test("the default limit holds for RPCs without their own", async () => {
  const { send } = await serveRest({ part: () => ({}) }, { defaultMaxBodyBytes: 10 });
  expect((await send("POST", "/test/part", { body: "{}        " })).status).toBe(200);
  expect((await send("POST", "/test/part", { body: "{}         " })).status).toBe(413);
});

test("a body that is announced as too large is not waited for", async () => {
  const { port } = await serveSmall();
  const socket = connect(port, "127.0.0.1");
  socket.write("PATCH /test/labels/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toContain("413 Payload Too Large");
  socket.destroy();
});

test("10 MB, announced: 413, and the connection is done with", async () => {
  const { send } = await serveSmall();
  const { status, headers, body } = await send("PATCH", "/test/labels/1", {
    body: Buffer.alloc(10_000_000, " "),
  });
  expect([status, headers.connection, JSON.parse(body)]).toMatchObject([413, "close", TOO_LARGE]);
});

test("10 MB in chunks: 413 as soon as it is too much", async () => {
  const { send } = await serveSmall();
  const { status, body } = await send("PATCH", "/test/labels/1", {
    headers: { "transfer-encoding": "chunked" },
    body: Buffer.alloc(10_000_000, " "),
  });
  expect([status, JSON.parse(body)]).toMatchObject([413, TOO_LARGE]);
});

test("who never stops sending is cut off", async () => {
  const { port } = await serveSmall();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  socket.write("PATCH /test/labels/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n");
  const chunk = Buffer.alloc(10_000, " ");
  const timer = setInterval(() => socket.write(chunk), 10);
  await once(socket, "close");
  clearInterval(timer);
  expect(answer).toContain("413 Payload Too Large");
});

test("a header that is sent twice is one text, never a choice between two keys", async () => {
  const keys: string[] = [];
  const { send } = await serveRest(
    {
      query({ key }: { key: string }) {
        keys.push(key);
        return {};
      },
    },
    { interceptors: [bindHeaders()] },
  );
  await send("GET", "/test/query", { headers: { "Idempotency-Key": ["a", "b"] } });
  await send("GET", "/test/query", { headers: { "idempotency-KEY": "a" } });
  expect(keys).toEqual(["a, b", "a"]);
});

test("over HTTP/2 a body that is too large is 413, and the connection goes on", async () => {
  const server = createH2Server(restListener({ labelled: () => ({}) }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectH2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const ask = async (body: Buffer) => {
    const stream = client.request({ ":method": "PATCH", ":path": "/test/labels/1" });
    stream.on("error", () => {});
    let text = "";
    stream.on("data", (data) => {
      text += data;
    });
    stream.end(body);
    const [headers] = await once(stream, "response");
    await once(stream, "close");
    return { status: headers[":status"], text };
  };
  const { status, text } = await ask(Buffer.alloc(10_000_000, " "));
  expect([status, JSON.parse(text)]).toMatchObject([413, TOO_LARGE]);
  expect(await ask(Buffer.from('{"a":"b"}'))).toEqual({ status: 204, text: "" });
});
