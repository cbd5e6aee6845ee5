import { getEventListeners, once } from "node:events";
import { createServer, type IncomingMessage, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { bindHeaders } from "../../src/server/interceptors/bindHeaders.js";
import { drainStreams } from "../../src/server/interceptors/drainStreams.js";
import { listen, restListener, serveRest } from "./serveRest.js";

const log = (id: bigint, raw = "{}") => ({ log: { id, raw } });

/** Opens the stream and reads it piece by piece. */
async function open(port: number) {
  const request = sendRequest({ port, host: "127.0.0.1", path: "/test/watch", agent: false }).end();
  request.on("error", () => {});
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.on("error", () => {});
  return { request, response };
}

/** A promise, and what settles it. */
function deferred<T>() {
  let resolve = (_value: T) => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** An iterable that is fed from outside and waits for more, heedless of any signal. */
function feed<T>() {
  const items: T[] = [];
  let wake = () => {};
  const state = { isReturned: false };
  return {
    state,
    push(item: T) {
      items.push(item);
      wake();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          for (let item = items.shift(); item !== undefined; item = items.shift()) yield item;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        state.isReturned = true;
      }
    },
  };
}

test("a server stream is an event per message, with the id that event_id names", async () => {
  const { send } = await serveRest({
    async *watch(_: unknown, context: HandlerContext) {
      context.responseHeader.set("x-ledger", "main");
      yield log(0n);
      yield log(1n, '{"a":\n1,\r\n"b":2}');
      yield {};
    },
  });
  const { status, headers, body } = await send("GET", "/test/watch");
  expect([status, headers["content-type"], headers["x-ledger"]]).toEqual([
    200,
    "text/event-stream",
    "main",
  ]);
  expect(body).toBe(
    'id: 0\ndata: {"log":{"id":0,"raw":{}}}\n\n' +
      'id: 1\ndata: {"log":{"id":1,"raw":{"a":\ndata: 1,\ndata: "b":2}}}\n\n' +
      "data: {}\n\n",
  );
});

test("an event is sent when it happens", async () => {
  const events = feed<object>();
  const { port } = await serveRest({ watch: () => events });
  events.push(log(1n));
  const { response } = await open(port);
  expect(String((await once(response, "data"))[0])).toContain("id: 1\n");
  events.push(log(2n));
  expect(String((await once(response, "data"))[0])).toContain("id: 2\n");
});

test("a stream that is silent opens all the same, and says that it lives", async () => {
  const { port } = await serveRest({ watch: () => feed() }, { heartbeatMs: 10 });
  const { response } = await open(port);
  expect(response.headers["content-type"]).toBe("text/event-stream");
  expect(String((await once(response, "data"))[0])).toBe(":\n\n");
  expect(String((await once(response, "data"))[0])).toBe(":\n\n");
});

test("an error before the first event is an ordinary answer", async () => {
  const { send } = await serveRest({
    watch: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new ConnectError("no such ledger", Code.NotFound)),
      }),
    }),
  });
  const { status, body } = await send("GET", "/test/watch");
  expect([status, JSON.parse(body).errorCode]).toEqual([404, "NOT_FOUND"]);
});

test("a stream that is refused leaves nothing behind on what it listened to", async () => {
  const drain = new AbortController();
  const refuse: Interceptor = () => async () => {
    throw new ConnectError("who are you?", Code.Unauthenticated);
  };
  const { send } = await serveRest({}, { interceptors: [drainStreams(drain.signal), refuse] });
  expect((await send("GET", "/test/watch")).status).toBe(401);
  expect(getEventListeners(drain.signal, "abort")).toEqual([]);
});

test("an error after the first event is an event", async () => {
  const { send } = await serveRest({
    async *watch() {
      yield log(1n);
      throw new ConnectError("the token has expired", Code.Unauthenticated);
    },
  });
  const { status, body } = await send("GET", "/test/watch");
  const [, last] = body.split("\n\n");
  expect([status, last?.startsWith("event: error\ndata: ")]).toEqual([200, true]);
  expect(JSON.parse(last?.slice("event: error\ndata: ".length) ?? "")).toMatchObject({
    errorCode: "VALIDATION",
    errorMessage: "the token has expired",
  });
});

test("a client that leaves ends the source, also one that waits", async () => {
  const events = feed<object>();
  let signal: AbortSignal | undefined;
  const { port } = await serveRest({
    watch: (_: unknown, context: HandlerContext) => {
      signal = context.signal;
      return events;
    },
  });
  events.push(log(1n));
  const { request, response } = await open(port);
  await once(response, "data");
  request.destroy();
  await expect.poll(() => signal?.aborted).toBe(true);
  events.push(log(2n));
  await expect.poll(() => events.state.isReturned).toBe(true);
});

test("nothing is written to a client that left, though the source waits for ever", async () => {
  let writes = 0;
  let signal: AbortSignal | undefined;
  const watch = (_: unknown, context: HandlerContext) => {
    signal = context.signal;
    return feed();
  };
  const listener = restListener({ watch }, { heartbeatMs: 2 });
  const server = createServer((request, response) => {
    const write = response.write.bind(response);
    response.write = (chunk: unknown) => {
      writes++;
      return write(chunk);
    };
    listener(request, response);
  });
  await listen(server);
  const { request, response } = await open((server.address() as AddressInfo).port);
  await once(response, "data");
  request.destroy();
  await expect.poll(() => signal?.aborted).toBe(true);
  const before = writes;
  await sleep(50);
  expect(writes).toBe(before);
});

test("at the drain an open stream ends with UNAVAILABLE, and other calls are answered", async () => {
  const drain = new AbortController();
  const arrived = deferred<void>();
  const answer = deferred<object>();
  const { port, send } = await serveRest(
    {
      async *watch(_: unknown, { signal }: HandlerContext) {
        yield log(1n);
        await once(signal, "abort");
      },
      read() {
        arrived.resolve(undefined);
        return answer.promise;
      },
    },
    { interceptors: [drainStreams(drain.signal)] },
  );
  const { response } = await open(port);
  const read = send("GET", "/test/plain");
  await arrived.promise;
  drain.abort(new ConnectError("the server is stopping", Code.Unavailable));
  let text = "";
  response.on("data", (data) => {
    text += data;
  });
  await once(response, "end");
  expect(text).toContain(
    'event: error\ndata: {"errorCode":"INTERNAL","errorMessage":"the server is stopping"',
  );
  answer.resolve({ text: "answered" });
  expect(await read).toMatchObject({ status: 200, body: '{"text":"answered"}' });
});

test("a slow reader slows the source down", async () => {
  let sent = 0;
  const total = 2_000;
  const { port } = await serveRest({
    async *watch() {
      for (; sent < total; sent++) yield log(BigInt(sent), JSON.stringify("x".repeat(10_000)));
    },
  });
  const { response } = await open(port);
  response.pause();
  let before = -1;
  await expect
    .poll(() => {
      const isStill = sent === before;
      before = sent;
      return isStill && sent > 0;
    })
    .toBe(true);
  expect(sent).toBeLessThan(total);
  response.resume();
  await once(response, "end");
  expect(sent).toBe(total);
});

test("Last-Event-ID says where to go on", async () => {
  const seen: unknown[] = [];
  const { send } = await serveRest(
    {
      async *watch({ lastEventId }: { lastEventId?: bigint }) {
        seen.push(lastEventId);
        yield log(1n);
      },
    },
    { interceptors: [bindHeaders()] },
  );
  await send("GET", "/test/watch");
  await send("GET", "/test/watch", { headers: { "Last-Event-ID": "41" } });
  const { status, body } = await send("GET", "/test/watch", { headers: { "Last-Event-ID": "x" } });
  expect(seen).toEqual([undefined, 41n]);
  expect([status, JSON.parse(body).errorMessage]).toEqual([400, "invalid 'Last-Event-ID' header"]);
});
