import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Deferred, type Message, Rejected, type Sink } from "../../../src/events/message.js";
import { type HttpSinkOptions, httpSink } from "../../../src/events/sinks/http.js";
import { version } from "../../../src/version.js";
import { onLoopback } from "../../support/onLoopback.js";
import { startReceiver } from "../../support/receiver.js";
import { failureOf, idsOf, messagesOf } from "./messages.js";

const KEY = Buffer.from("a key of which nobody knows");

/** A sink whose topics are the event types; closed with the test. */
function sinkTo(url: string, options: Partial<HttpSinkOptions> = {}): Sink {
  const secret = `whsec_${KEY.toString("base64")}`;
  const sink = httpSink({ url, secret, topicOf: (type) => type, ...options });
  onTestFinished(() => sink.close());
  return sink;
}

/** Answers `status` to the third request and 200 to every other. */
const failThird =
  (status: number, headers: Record<string, string> = {}, body = "") =>
  (response: ServerResponse, count: number) =>
    count === 3 ? response.writeHead(status, headers).end(body) : response.end();

test("posts events one after the other, over one connection", async () => {
  const receiver = await startReceiver();
  const messages = messagesOf("main", 20);
  await sinkTo(`${receiver.url}/events?from=florin`).publish(messages);

  expect(receiver.deliveries.map(({ body }) => body)).toEqual(messages.map(({ body }) => body));
  expect(receiver.connections()).toBe(1);
  expect(receiver.deliveries[0]).toMatchObject({
    path: "/events?from=florin",
    headers: {
      "content-type": "application/json",
      "user-agent": `florin/${version.slice(1)}`,
      "florin-event": "COMMITTED_TRANSACTIONS",
      "webhook-id": "main:0:COMMITTED_TRANSACTIONS",
    },
  });
});

test("signs id, time and body", async () => {
  const receiver = await startReceiver();
  const before = Math.floor(Date.now() / 1000);
  const body = '{"name":"Žofie 💶"}';
  await sinkTo(receiver.url).publish(
    messagesOf("main", 1).map((message) => ({ ...message, body })),
  );

  const { headers, body: received } = receiver.deliveries[0] ?? expect.unreachable();
  const time = headers["webhook-timestamp"];
  expect(Number(time)).toBeGreaterThanOrEqual(before);
  expect(Number(time)).toBeLessThanOrEqual(Date.now() / 1000);
  const signed = `${headers["webhook-id"]}.${time}.${body}`;
  expect(headers["webhook-signature"]).toBe(
    `v1,${createHmac("sha256", KEY).update(signed).digest("base64")}`,
  );
  expect(received).toBe(body);
});

test("a topic that is a URL is where its events go", async () => {
  const [usual, special] = [await startReceiver(), await startReceiver()];
  const topicOf = (type: string) => (type === "SAVED_METADATA" ? `${special.url}/metadata` : type);
  const [first, second] = messagesOf("main", 2) as [Message, Message];
  await sinkTo(usual.url, { topicOf }).publish([first, { ...second, type: "SAVED_METADATA" }]);

  expect(usual.deliveries.map(({ headers }) => headers["webhook-id"])).toEqual([first.id]);
  expect(special.deliveries.map(({ path }) => path)).toEqual(["/metadata"]);
});

test.each([400, 401, 404, 408, 422, 425, 429, 500, 503])(
  "%i is a fault that may pass, and the next event waits",
  async (status) => {
    const receiver = await startReceiver(failThird(status, {}, "not now"));
    const failure = await failureOf(sinkTo(receiver.url), messagesOf("main", 5));
    expect(failure).toBeInstanceOf(Deferred);
    expect(failure).toMatchObject({
      delivered: 2,
      retryAfterMs: undefined,
      message: `the receiver answered ${status}: not now`,
    });
    expect(receiver.deliveries).toHaveLength(3);
  },
);

test.each([410, 413])("%i rejects an event for good", async (status) => {
  const receiver = await startReceiver(failThird(status));
  const failure = await failureOf(sinkTo(receiver.url), messagesOf("main", 5));
  expect(failure).toBeInstanceOf(Rejected);
  expect(failure).toMatchObject({ messageId: "main:2:COMMITTED_TRANSACTIONS" });
  expect(receiver.deliveries).toHaveLength(3);
});

test.each([200, 201, 202, 204])("%i takes an event", async (status) => {
  const receiver = await startReceiver(failThird(status));
  await sinkTo(receiver.url).publish(messagesOf("main", 4));
  expect(receiver.deliveries).toHaveLength(4);
});

test("a redirect is not followed", async () => {
  const elsewhere = await startReceiver();
  const receiver = await startReceiver(failThird(307, { Location: elsewhere.url }));
  const failure = await failureOf(sinkTo(receiver.url), messagesOf("main", 3));
  expect(failure).toMatchObject({ delivered: 2, message: "the receiver answered 307" });
  expect(elsewhere.deliveries).toHaveLength(0);
});

test("passes on how long the receiver asks us to wait", async () => {
  const inSeconds = await startReceiver(failThird(429, { "Retry-After": "7" }));
  const seconds = await failureOf(sinkTo(inSeconds.url), messagesOf("main", 3));
  expect(seconds).toMatchObject({ delivered: 2, retryAfterMs: 7000 });

  const date = new Date(Date.now() + 90_000).toUTCString();
  const byDate = await startReceiver(failThird(503, { "Retry-After": date }));
  const until = (await failureOf(sinkTo(byDate.url), messagesOf("main", 3))) as Deferred;
  expect(until.retryAfterMs).toBeGreaterThan(60_000);
  expect(until.retryAfterMs).toBeLessThanOrEqual(90_000);
});

test("reads no more of an answer than it needs", async () => {
  let cut: Promise<unknown> = Promise.resolve();
  const receiver = await startReceiver((response, count) => {
    if (count !== 3) return response.end();
    cut = once(response, "close");
    response.writeHead(500);
    const pour = () => {
      while (!response.destroyed && response.write("more and ".repeat(1000)));
    };
    response.on("drain", pour);
    pour();
    return undefined;
  });
  const sink = sinkTo(receiver.url, { timeLimitMs: 60_000 });
  const failure = await failureOf(sink, messagesOf("main", 3));
  await cut;
  expect(failure).toBeInstanceOf(Deferred);
  expect(failure.message.length).toBeLessThan(300);
});

test("an event is taken although the answer's body never ends", async () => {
  const receiver = await startReceiver((response) => response.writeHead(200).write("and"));
  await sinkTo(receiver.url, { timeLimitMs: 200 }).publish(messagesOf("main", 2));
  expect(receiver.deliveries).toHaveLength(2);
});

test("a receiver that never answers is given up", async () => {
  const receiver = await startReceiver((response, count) => count !== 3 && response.end());
  const sink = sinkTo(receiver.url, { timeLimitMs: 200 });
  const failure = await failureOf(sink, messagesOf("main", 5));
  expect(failure).toBeInstanceOf(Deferred);
  expect(failure).toMatchObject({
    delivered: 2,
    message: "the receiver cannot be reached: no answer within 200 ms",
  });
});

test("a connection cut in the middle of an answer's head is a fault that may pass", async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 200 O"));
  });
  const failure = await failureOf(
    sinkTo(`http://${await onLoopback(server)}`),
    messagesOf("main", 1),
  );
  expect(failure).toBeInstanceOf(Deferred);
  expect(failure).toMatchObject({ delivered: 0 });
});

test("a receiver that is not there is a fault that may pass", async () => {
  const failure = await failureOf(sinkTo("http://127.0.0.1:1"), messagesOf("main", 1));
  expect(failure).toBeInstanceOf(Deferred);
  expect(failure.message).toMatch(/^the receiver cannot be reached: .*ECONNREFUSED/);
});

test("an idle connection that the receiver has closed costs no attempt", async () => {
  const served = new Set<unknown>();
  const receiver = await startReceiver((response) => {
    if (served.has(response.socket)) return response.socket?.destroy();
    served.add(response.socket);
    return response.end();
  });
  const messages = messagesOf("main", 3);
  await sinkTo(receiver.url).publish(messages);
  const ids = receiver.deliveries.map(({ headers }) => String(headers["webhook-id"]));
  expect([...new Set(ids)]).toEqual(idsOf(messages));
});

test("closing ends what is under way", async () => {
  let arrived = () => {};
  const hasArrived = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const receiver = await startReceiver((response, count) =>
    count < 3 ? response.end() : arrived(),
  );
  const sink = sinkTo(receiver.url);
  const failure = failureOf(sink, messagesOf("main", 3));
  await hasArrived;
  await sink.close();
  expect(await failure).toMatchObject({ delivered: 2 });
  expect(receiver.deliveries).toHaveLength(3);
});
