import { once } from "node:events";
import { Agent, get } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Handler, HttpResponse } from "../src/server/handler.js";
import { closed, dial, startListener } from "./support/listener.js";

const GET = "GET / HTTP/1.1\r\nhost: florin\r\n\r\n";

/** A handler that answers when told to, and the responses that wait for that. */
function slowHandler(): { handler: Handler; waiting: HttpResponse[] } {
  const waiting: HttpResponse[] = [];
  return { handler: (_req, res) => void waiting.push(res), waiting };
}

function http2Client(port: number): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return session;
}

test("a request under way on HTTP/1.1 is answered, told to hang up, and nothing is accepted after", async () => {
  const { handler, waiting } = slowHandler();
  const listener = await startListener({ handler });
  const agent = new Agent({ keepAlive: true });
  const answered = once(get({ port: listener.port, host: "127.0.0.1", agent }), "response");
  await vi.waitFor(() => expect(waiting).toHaveLength(1));

  const drained = listener.close(10_000);
  await expect(fetch(`http://127.0.0.1:${listener.port}/`)).rejects.toThrow();
  waiting[0]?.end("done");

  const [response] = await answered;
  expect(response.headers.connection).toBe("close");
  expect(String(Buffer.concat(await response.toArray()))).toBe("done");
  await drained;
});

test("every request of a pipeline is answered before its connection closes", async () => {
  const { handler, waiting } = slowHandler();
  const listener = await startListener({ handler });
  const { socket, received } = await dial(listener.port);
  socket.write(GET + GET);
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  const drained = listener.close(10_000);
  waiting[0]?.end("first");
  waiting[1]?.end("second");
  await drained;
  await vi.waitFor(() => expect(received()).toMatch(/first.*Connection: close.*second$/s));
});

test("an answer that had begun is finished, and its connection then closed", async () => {
  const { handler, waiting } = slowHandler();
  const listener = await startListener({ handler });
  const { socket, received } = await dial(listener.port);
  socket.write(GET);
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  waiting[0]?.write("first half, ");
  await vi.waitFor(() => expect(received()).toContain("first half"));
  const drained = listener.close(10_000);
  waiting[0]?.end("second half");
  await drained;
  await vi.waitFor(() => expect(received()).toContain("second half"));
});

test("a request that was arriving is answered too", async () => {
  const listener = await startListener({ handler: (_req, res) => void res.end("hello") });
  const { socket, received } = await dial(listener.port);
  socket.write(GET.slice(0, 10));
  await fetch(`http://127.0.0.1:${listener.port}/`);
  const drained = listener.close(10_000);
  socket.write(GET.slice(10));
  await drained;
  await vi.waitFor(() => expect(received()).toMatch(/Connection: close.*hello$/s));
});

test("connections that wait for a request, or have not said what they speak, are closed at once", async () => {
  const listener = await startListener({ handler: (_req, res) => void res.end("hello") });
  const [idle, silent] = [await dial(listener.port), await dial(listener.port)];
  idle.socket.write(GET);
  await vi.waitFor(() => expect(idle.received()).toContain("hello"));
  const gone = Promise.all([closed(idle.socket), closed(silent.socket)]);
  await listener.close(10_000);
  await gone;
});

test("a stream under way on HTTP/2 is answered after GOAWAY, and no new one is taken", async () => {
  const { handler, waiting } = slowHandler();
  const listener = await startListener({ handler });
  const session = http2Client(listener.port);
  const stream = session.request({ ":path": "/" });
  await vi.waitFor(() => expect(waiting).toHaveLength(1));

  const goaway = once(session, "goaway");
  const drained = listener.close(10_000);
  const [code, lastStream] = await goaway;
  expect([code, lastStream]).toEqual([constants.NGHTTP2_NO_ERROR, stream.id]);
  expect(() => session.request({ ":path": "/" })).toThrow();

  waiting[0]?.end("done");
  expect(String(Buffer.concat(await stream.toArray()))).toBe("done");
  await drained;
});

test("an idle HTTP/2 connection is told to go away, and closed", async () => {
  const listener = await startListener({ handler: slowHandler().handler });
  const session = http2Client(listener.port);
  await once(session, "remoteSettings");
  const goaway = once(session, "goaway");
  await listener.close(10_000);
  expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
});

test("long streams hear of the drain when their clients have been told to go away", async () => {
  const drain = new AbortController();
  const listener = await startListener({
    drain,
    handler: (_req, res) => {
      res.write("streaming");
      drain.signal.addEventListener("abort", () => res.end());
    },
  });
  const session = http2Client(listener.port);
  const events: string[] = [];
  session.once("goaway", () => events.push("goaway"));
  const stream = session.request({ ":path": "/" });
  await once(stream, "data");
  stream.on("end", () => events.push("end"));
  await listener.close(10_000);
  await closed(session);
  expect(events).toEqual(["goaway", "end"]);
});

test("what is not done by the deadline is cut off", async () => {
  const { handler, waiting } = slowHandler();
  const listener = await startListener({ handler });
  const { socket } = await dial(listener.port);
  socket.write(GET);
  const session = http2Client(listener.port);
  const stream = session.request({ ":path": "/" });
  stream.on("error", () => {});
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  const gone = Promise.all([closed(socket), closed(stream)]);
  await listener.close(100);
  await gone;
  // Handlers that answer too late are not told off with an exception.
  for (const response of waiting) response.end("too late");
});

test("a port that is taken fails the start", async () => {
  const { handler } = slowHandler();
  const { port } = await startListener({ handler });
  await expect(startListener({ handler, port })).rejects.toThrow("EADDRINUSE");
});
