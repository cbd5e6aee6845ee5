import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type ServiceImpl,
  type StreamRequest,
} from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { LedgerService } from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { drainStreams } from "./drainStreams.js";

function start(implementation: Partial<ServiceImpl<typeof LedgerService>>) {
  const drain = new AbortController();
  const transport = createRouterTransport(({ service }) => service(LedgerService, implementation), {
    router: { interceptors: [drainStreams(drain.signal)] },
  });
  return {
    client: createClient(LedgerService, transport),
    signal: drain.signal,
    drain: () => drain.abort(new ConnectError("going away", Code.Unavailable)),
  };
}

/** What a stream gave, and the code it ended with; null for a good end. */
async function readAll<T>(messages: AsyncIterable<T>): Promise<{ read: T[]; code: Code | null }> {
  const read: T[] = [];
  try {
    for await (const message of messages) read.push(message);
    return { read, code: null };
  } catch (error) {
    return { read, code: ConnectError.from(error).code };
  }
}

test("a unary call under way does not notice", async () => {
  const { client, drain } = start({
    async getInfo(_request, { signal }) {
      drain();
      await sleep(1);
      expect(signal.aborted).toBe(false);
      return {};
    },
  });
  await client.getInfo({});
});

test("a server stream is told to stop, and its caller that the server goes away", async () => {
  for (const stop of ["return", "throw"]) {
    const { client, drain } = start({
      async *watchLogs(_request, { signal }) {
        yield {};
        const waiting = sleep(60_000, undefined, { signal });
        await (stop === "throw" ? waiting : waiting.catch(() => {}));
      },
    });
    setTimeout(drain, 10);
    const { read, code } = await readAll(client.watchLogs({}));
    expect(read).toHaveLength(1);
    expect(code).toBe(Code.Unavailable);
  }
});

test("a stream that is opened during the drain ends at once", async () => {
  const { client, drain } = start({
    async *watchLogs(_request, { signal }) {
      yield await sleep(60_000, {}, { signal });
    },
  });
  drain();
  expect((await readAll(client.watchLogs({}))).code).toBe(Code.Unavailable);
});

test("a stream that ends or fails by itself is left as it is", async () => {
  const { client } = start({
    async *watchLogs({ ledger }) {
      yield {};
      if (ledger === "bad") throw new ConnectError("no such ledger", Code.NotFound);
    },
  });
  expect((await readAll(client.watchLogs({ ledger: "good" }))).code).toBeNull();
  expect((await readAll(client.watchLogs({ ledger: "bad" }))).code).toBe(Code.NotFound);
});

test("requests of a bidi stream that were received are answered before it ends", async () => {
  const { client, drain } = start({
    async *streamTransactions(requests) {
      const received = [];
      for await (const request of requests) {
        received.push(request);
        if (received.length === 2) drain();
      }
      for (const _ of received) yield {};
    },
  });
  async function* requests() {
    yield {};
    yield {};
    await new Promise(() => {});
  }
  const { read, code } = await readAll(client.streamTransactions(requests()));
  expect(read).toHaveLength(2);
  expect(code).toBe(Code.Unavailable);
});

test("a bidi stream whose client has said all ends well during the drain", async () => {
  const { client, drain } = start({
    async *streamTransactions(requests) {
      for await (const _ of requests);
      drain();
      yield {};
    },
  });
  async function* requests() {
    yield {};
  }
  expect((await readAll(client.streamTransactions(requests()))).code).toBeNull();
});

test("a client stream is cut as failed, never as complete", async () => {
  let isComplete = false;
  const { client, drain } = start({
    async importLogs(requests) {
      for await (const _ of requests) drain();
      isComplete = true;
      return {};
    },
  });
  async function* requests() {
    yield {};
    await new Promise(() => {});
  }
  const imported = client.importLogs(requests());
  await expect(imported).rejects.toMatchObject({ code: Code.Unavailable });
  expect(isComplete).toBe(false);
});

test("streams that ended leave nothing behind on the signal they listened to", async () => {
  const { client, signal } = start({
    async *watchLogs() {
      yield {};
    },
    async *streamTransactions(requests) {
      for await (const _ of requests) yield {};
    },
  });
  async function* requests() {
    yield {};
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
  }
  await readAll(client.watchLogs({}));
  await readAll(client.streamTransactions(requests()));
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a stream whose client has left before it began is told so", async () => {
  const left = new ConnectError("the client left", Code.Canceled);
  let told: AbortSignal | undefined;
  const next = vi.fn(async (request: StreamRequest) => {
    told = request.signal;
    throw left;
  });
  const request = {
    stream: true,
    method: LedgerService.method.watchLogs,
    signal: AbortSignal.abort(left),
  } as unknown as StreamRequest;
  const interceptor = drainStreams(new AbortController().signal);
  await expect(interceptor(next as never)(request)).rejects.toBe(left);
  expect(told?.reason).toBe(left);
});

test("many streams at once are no reason to warn", async () => {
  const warn = vi.spyOn(process, "emitWarning");
  const { client, signal } = start({
    async *watchLogs() {
      yield {};
      await new Promise(() => {});
    },
  });
  const streams = Array.from({ length: 50 }, () => client.watchLogs({})[Symbol.asyncIterator]());
  await Promise.all(streams.map((stream) => stream.next()));
  expect(getEventListeners(signal, "abort")).toHaveLength(50);
  expect(warn).not.toHaveBeenCalled();
});
