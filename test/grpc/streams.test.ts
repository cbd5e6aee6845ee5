import { once } from "node:events";
import { constants } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import {
  StreamTransactionsRequestSchema,
  StreamTransactionsResponseSchema,
  WatchLogsRequestSchema,
} from "../../gen/florin/ledger/v1/ledger_pb.js";
import { LONG, startGrpcServer, waiting } from "./bothPaths.js";
import { envelope, GET_ACCOUNT, leave, openCall, openSession, sendRaw } from "./rawCalls.js";

const pathOf = (name: string) => ({ ":path": GET_ACCOUNT.replace("GetAccount", name) });
const STREAM = pathOf("StreamTransactions");
const WATCH = pathOf("WatchLogs");
const IMPORT = pathOf("ImportLogs");

const item = (ledger: string) =>
  envelope(
    toBinary(StreamTransactionsRequestSchema, create(StreamTransactionsRequestSchema, { ledger })),
  );
const watch = (ledger: string) =>
  envelope(toBinary(WatchLogsRequestSchema, create(WatchLogsRequestSchema, { ledger })));

const NAMES = Array.from({ length: 500 }, (_, n) => `ledger-${n}`);

describe.each([{ isFast: true }, { isFast: false }])("the fast path: $isFast", (path) => {
  test.each([1, 7, 100_000])(
    "a stream in pieces of %d bytes is answered in order",
    async (size) => {
      const { url, leftToConnect } = await startGrpcServer(path);
      const bytes = Buffer.concat(NAMES.map(item));
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      const answer = await sendRaw(openSession(url), { headers: STREAM, pieces });
      expect(messagesIn(Buffer.from(answer.body, "hex"))).toEqual(NAMES);
      expect(answer.trailers["grpc-status"]).toBe("0");
      expect(leftToConnect()).toBe(path.isFast ? 0 : 1);
    },
  );

  test("what came before an item that cannot be read is answered", async () => {
    const { url } = await startGrpcServer(path);
    const broken = envelope(Uint8Array.of(0x0a, 0xff));
    const pieces = [item("one"), item("two"), broken, item("three")];
    const answer = await sendRaw(openSession(url), { headers: STREAM, pieces });
    expect(messagesIn(Buffer.from(answer.body, "hex"))).toEqual(["one", "two"]);
    const code = path.isFast ? Code.InvalidArgument : Code.Internal;
    expect(answer.trailers["grpc-status"]).toBe(String(code));
  });

  test("an answer does not wait for the next request", async () => {
    const { url } = await startGrpcServer(path);
    const stream = openCall(openSession(url), STREAM);
    for (const name of ["one", "two"]) {
      stream.write(item(name));
      const [answer] = (await once(stream, "data")) as [Buffer];
      expect(messagesIn(answer)).toEqual([name]);
    }
    stream.end();
    stream.resume();
    expect((await once(stream, "trailers"))[0]["grpc-status"]).toBe("0");
  });

  test("requests that are cut off do not look as if all had been said", async () => {
    const { url, log } = await startGrpcServer(path);
    const session = openSession(url);
    const stream = openCall(session, IMPORT);
    stream.on("error", () => {});
    stream.write(envelope(new Uint8Array()));
    // What comes after it on the connection is answered: so it has come.
    await sendRaw(session, { headers: STREAM, pieces: [] });
    const cut = once(waiting, "cut");
    session.destroy();
    await cut;
    const [, line] = await log.lines("request", 2);
    expect(line).toMatchObject({ rpc: IMPORT[":path"].slice(1) });
    expect(line).not.toMatchObject({ code: "ok" });
  });

  test("requests in a stream are answered once", async () => {
    const { url } = await startGrpcServer(path);
    const pieces = [envelope(new Uint8Array()), envelope(new Uint8Array())];
    const { body, trailers } = await sendRaw(openSession(url), { headers: IMPORT, pieces });
    // Field 1, "logs": two of them.
    expect(body).toBe("00000000020802");
    expect(trailers["grpc-status"]).toBe("0");
  });

  test("for a client that does not read, no more is made than fits on the way", async () => {
    const { url } = await startGrpcServer(path);
    const stream = openCall(openSession(url), WATCH);
    let made = 0;
    const count = () => {
      made += 1;
    };
    waiting.on("yield", count);
    stream.end(watch("long"));
    await once(stream, "response");
    await settled(() => made);
    expect(made).toBeLessThan(LONG / 2);
    let bytes = 0;
    stream.on("data", (piece: Buffer) => {
      bytes += piece.length;
    });
    expect((await once(stream, "trailers"))[0]["grpc-status"]).toBe("0");
    waiting.off("yield", count);
    expect(made).toBe(LONG);
    expect(bytes).toBeGreaterThan(LONG * 1000);
  });

  test("a stream ends when its client leaves", async () => {
    const { url, log } = await startGrpcServer(path);
    const stream = openCall(openSession(url), WATCH);
    await leave(stream, watch("wait"));
    expect(await log.lines("request", 1)).toMatchObject([{ protocol: "grpc", code: "canceled" }]);
  });

  test("a stream whose source heeds no signal ends too when its client leaves", async () => {
    const { url } = await startGrpcServer(path);
    const stream = openCall(openSession(url), WATCH);
    stream.end(watch("deaf"));
    await once(stream, "data");
    const returned = once(waiting, "returned");
    stream.close(constants.NGHTTP2_CANCEL);
    await returned;
  });

  test("what runs for a stream stops when that has failed", async () => {
    const { url } = await startGrpcServer(path);
    const aborted = once(waiting, "aborted");
    const pieces = [watch("refuse")];
    const { trailers } = await sendRaw(openSession(url), { headers: WATCH, pieces });
    expect(trailers["grpc-status"]).toBe(String(Code.NotFound));
    await aborted;
  });

  test("a deadline ends a stream", async () => {
    const { url } = await startGrpcServer(path);
    const headers = { ...WATCH, "grpc-timeout": "20m" };
    const { trailers } = await sendRaw(openSession(url), { headers, pieces: [watch("wait")] });
    expect(trailers["grpc-status"]).toBe(String(Code.DeadlineExceeded));
  });

  test.each([0, 2])("%d requests for a stream of answers are not one", async (count) => {
    const { url } = await startGrpcServer(path);
    const pieces = Array.from({ length: count }, () => watch("main"));
    const { trailers } = await sendRaw(openSession(url), { headers: WATCH, pieces });
    expect(trailers["grpc-status"]).toBe(String(Code.Unimplemented));
  });
});

/** What the refusals in `bytes` say. */
function messagesIn(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    const { result } = fromBinary(StreamTransactionsResponseSchema, bytes.subarray(at + 5, end));
    if (result.case === "refusal") found.push(result.value.message);
    at = end;
  }
  return found;
}

/** Resolves when `read` gives the same three times, a few turns of the event loop apart. */
async function settled(read: () => number): Promise<void> {
  let last = -1;
  await expect
    .poll(
      () => {
        const same = read() === last;
        last = read();
        return same;
      },
      { interval: 100 },
    )
    .toBe(true);
}
