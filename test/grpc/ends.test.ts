import { once } from "node:events";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { startGrpcServer, waiting } from "./bothPaths.js";
import { ask, GET_ACCOUNT, leave, openCall, openSession, sendRaw } from "./rawCalls.js";

describe.each([{ isFast: true }, { isFast: false }])("the fast path: $isFast", (path) => {
  test("a call ends when its client leaves, and the connection goes on", async () => {
    const { url, log } = await startGrpcServer(path);
    const session = openSession(url);
    const stream = openCall(session);
    await leave(stream, ask("wait"));
    expect(await log.lines("request", 1)).toMatchObject([{ protocol: "grpc", code: "canceled" }]);
    const { trailers } = await sendRaw(session, { pieces: [ask()] });
    expect(trailers["grpc-status"]).toBe("0");
    expect(log.text()).not.toContain("call failed");
  });

  test("a client that leaves in the middle of its request has called nothing", async () => {
    const { url, log } = await startGrpcServer(path);
    const session = openSession(url);
    const stream = openCall(session);
    stream.on("error", () => {});
    stream.write(ask().subarray(0, 7));
    // What comes after it on the connection is answered: so it has come.
    await sendRaw(session, { pieces: [ask()] });
    session.destroy();
    const [, line] = await log.lines("request", 2);
    expect(line).toMatchObject({ rpc: "", code: "unknown" });
  });

  test("a call that is under way is answered while the server closes", async () => {
    const server = await startGrpcServer(path);
    const session = openSession(server.url);
    const began = once(waiting, "call");
    const answer = sendRaw(session, { pieces: [ask("hold")] });
    await began;
    const goneAway = once(session, "goaway");
    const closed = server.close();
    await goneAway;
    waiting.emit("let go");
    expect((await answer).trailers["grpc-status"]).toBe("0");
    await closed;
  });

  test("calls of one connection do not wait for one another", async () => {
    const { url } = await startGrpcServer(path);
    const session = openSession(url);
    const began = once(waiting, "call");
    const first = sendRaw(session, { pieces: [ask("hold")] });
    await began;
    expect((await sendRaw(session, { pieces: [ask()] })).trailers["grpc-status"]).toBe("0");
    waiting.emit("let go");
    expect((await first).trailers["grpc-status"]).toBe("0");
  });

  test("a client that is refused while it sends reads so, and its next call is answered", async () => {
    const { url } = await startGrpcServer(path);
    const session = openSession(url);
    const stream = openCall(session);
    stream.on("error", () => {});
    const trailers = once(stream, "trailers");
    stream.end(Buffer.alloc(1_000_000, 1));
    stream.resume();
    expect((await trailers)[0]["grpc-status"]).toBe(String(Code.ResourceExhausted));
    const answers = await sendRaw(session, { pieces: [ask("main", "a".repeat(19_000))] });
    expect(answers.trailers["grpc-status"]).toBe("0");
  });
});

test("a fault that no interceptor has masked is INTERNAL, and the rest is for the log", async () => {
  const { url, log } = await startGrpcServer({ isFast: true, isMasked: false });
  const { trailers } = await sendRaw(openSession(url), { pieces: [ask("fault")] });
  expect(trailers).toMatchObject({ "grpc-status": "13", "grpc-message": "internal error" });
  const line = { requestId: "raw", err: { message: "secret" } };
  expect(await log.lines("could not answer over gRPC", 1)).toMatchObject([line]);
});

test("a message that is too long in coming is not waited for, nor is one whose deadline is over", async () => {
  const { url, log } = await startGrpcServer({ isFast: true, messageTimeoutMs: 20 });
  const session = openSession(url);
  for (const headers of [{}, { "grpc-timeout": "20m" }]) {
    const stream = openCall(session, headers).resume();
    const trailers = once(stream, "trailers");
    // Of the second one nothing comes at all.
    if (!("grpc-timeout" in headers)) stream.write(ask().subarray(0, 7));
    expect((await trailers)[0]["grpc-status"]).toBe(String(Code.DeadlineExceeded));
    stream.close();
  }
  const line = { rpc: GET_ACCOUNT.slice(1), code: "deadline_exceeded" };
  expect(await log.lines("request", 2)).toMatchObject([line, line]);
});

test("an answer that cannot be written breaks its stream, and nothing else", async () => {
  const { url, log } = await startGrpcServer({ isFast: true });
  const session = openSession(url);
  const stream = openCall(session);
  const broken = once(stream, "close");
  stream.on("error", () => {});
  stream.resume().end(ask("unsayable"));
  await broken;
  await log.lines("a gRPC answer broke off", 1);
  const { trailers } = await sendRaw(session, { pieces: [ask()] });
  expect(trailers["grpc-status"]).toBe("0");
});

test("a deadline further away than timers reach is none", async () => {
  const { url } = await startGrpcServer({ isFast: true });
  const session = openSession(url);
  const began = once(waiting, "call");
  const far = openCall(session, { "grpc-timeout": "99999999H" });
  let isAnswered = false;
  far.on("response", () => {
    isAnswered = true;
  });
  far.end(ask("wait"));
  await began;
  const near = await sendRaw(session, {
    headers: { "grpc-timeout": "20m" },
    pieces: [ask("wait")],
  });
  expect(near.trailers["grpc-status"]).toBe(String(Code.DeadlineExceeded));
  expect(isAnswered).toBe(false);
});
