import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { frame, PREFACE, SETTINGS } from "../support/http2Frames.js";
import { closed } from "../support/listener.js";
import { request } from "./rawHttp2.js";
import { startVictim } from "./victim.js";

vi.setConfig({ testTimeout: 180_000 });

const GET = "GET /api/ledger/main/stats HTTP/1.1\r\nhost: florin\r\n\r\n";
const HELLO = PREFACE + frame(SETTINGS, 0, 0);

/** `count` connections to `port`, each of which has said `words`. */
async function openMany(port: number, count: number, words: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  while (sockets.length < count) {
    const more = Array.from({ length: Math.min(100, count - sockets.length) }, async () => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.on("error", () => {}).resume();
      sockets.push(socket);
      await once(socket, "connect");
      socket.write(words, "latin1");
    });
    await Promise.all(more);
  }
  return sockets;
}

test("five thousand idle connections leave room for others, and hold up no stop", async () => {
  const victim = await startVictim();
  const sockets: Socket[] = [];
  const grownBy = await victim.endure(async () => {
    sockets.push(...(await openMany(victim.port, 2_500, GET)));
    sockets.push(...(await openMany(victim.port, 2_500, HELLO)));
  });
  expect(grownBy).toBeLessThan(600);
  expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(0);
  const gone = Promise.all(sockets.map((socket) => closed(socket)));
  await victim.stop();
  await gone;
});

/** What clients say, a byte at a time, that never come to an end. */
const SLOW: Readonly<Record<string, readonly [head: string, drip: string]>> = {
  "the head of a request": ["GET / HTTP/1.1\r\nhost: florin\r\nx: ", "x"],
  "a body": [
    "POST /api/ledger/main/transactions HTTP/1.1\r\nhost: florin\r\ncontent-length: 100000\r\n\r\n",
    " ",
  ],
  "chunks of a body": [
    "POST /api/ledger/main/transactions HTTP/1.1\r\nhost: florin\r\ntransfer-encoding: chunked\r\n\r\n",
    "1\r\n \r\n",
  ],
  "the preface of HTTP/2": ["PRI * HTT", ""],
  "a frame of HTTP/2": [`${HELLO}\0\xff\xff\x01\x04\0\0\0\x01`, "\0"],
  "a body over HTTP/2": [
    HELLO + request(1, "POST", "/api/ledger/main/transactions", false),
    frame(0, 0, 1, " "),
  ],
  "nothing at all": ["", ""],
};

test("clients that say a byte a second keep nobody else from being answered; those that never come to a request are cut", async () => {
  const victim = await startVictim();
  const slow = new Map<string, Socket[]>();
  const grownBy = await victim.endure(async () => {
    for (const [what, [head]] of Object.entries(SLOW)) {
      slow.set(what, await openMany(victim.port, 100, head));
    }
    const drip = setInterval(() => {
      for (const [what, sockets] of slow) {
        for (const socket of sockets) if (socket.writable) socket.write(SLOW[what]?.[1] ?? "");
      }
    }, 1_000);
    const cut = ["the head of a request", "the preface of HTTP/2", "nothing at all"].flatMap(
      (what) => slow.get(what) ?? [],
    );
    await Promise.all(cut.map((socket) => socket.destroyed || closed(socket)));
    clearInterval(drip);
  });
  expect(grownBy).toBeLessThan(300);
  await victim.stop();
});

test("requests by the thousand in one piece are answered in turn with others", async () => {
  const victim = await startVictim();
  let answers = 0;
  const grownBy = await victim.endure(async () => {
    const [socket] = await openMany(victim.port, 1, "");
    const all = new Promise<void>((resolve) => {
      socket?.on("data", (chunk: Buffer) => {
        answers += chunk.toString("latin1").split("HTTP/1.1 200").length - 1;
        if (answers >= 2_000) resolve();
      });
      socket?.once("close", resolve);
    });
    socket?.write(GET.repeat(2_000));
    await all;
  });
  expect(answers).toBe(2_000);
  expect(grownBy).toBeLessThan(300);
  await victim.stop();
});
