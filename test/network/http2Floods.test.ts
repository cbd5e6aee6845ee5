import { expect, test, vi } from "vitest";
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  SETTINGS,
} from "../support/http2Frames.js";
import { headersOf, literal, openHttp2, type RawHttp2, request, streamId } from "./rawHttp2.js";
import { startVictim } from "./victim.js";

vi.setConfig({ testTimeout: 180_000 });

const [PRIORITY, RST_STREAM, PING, WINDOW_UPDATE] = [2, 3, 6, 8];
const STATS = "/api/ledger/main/stats";
const BATCH = "/api/ledger/main/transactions/batch";
const CANCEL = "\0\0\0\x08";

/** Sends `count` times what `make` gives, a thousand to a write, until the server hangs up. */
async function flood(
  { send, settled }: RawHttp2,
  count: number,
  make: (index: number) => string,
): Promise<void> {
  for (let at = 0; at < count; at += 1_000) {
    const frames = Array.from({ length: 1_000 }, (_, index) => make(at + index)).join("");
    if (!(await send(frames))) return;
  }
  await settled();
}

/** Each floods a connection of its own. */
const FLOODS: Readonly<Record<string, (port: number) => Promise<void>>> = {
  "requests that are taken back at once": async (port) =>
    flood(await openHttp2(port), 5_000, (index) => {
      const id = streamId(index);
      return request(id, "GET", STATS) + frame(RST_STREAM, 0, id, CANCEL);
    }),
  "requests that make the server take them back: windows that grow by nothing": async (port) =>
    flood(await openHttp2(port), 5_000, (index) => {
      const id = streamId(index);
      return request(id, "GET", STATS) + frame(WINDOW_UPDATE, 0, id, "\0\0\0\0");
    }),
  "requests that make the server take them back: data after their end": async (port) =>
    flood(await openHttp2(port), 5_000, (index) => {
      const id = streamId(index);
      return request(id, "GET", STATS) + frame(DATA, 0, id, "x");
    }),
  "requests that make the server take them back: windows beyond all bounds": async (port) =>
    flood(await openHttp2(port), 5_000, (index) => {
      const id = streamId(index);
      return request(id, "POST", BATCH, false) + frame(WINDOW_UPDATE, 0, id, "\x7f\xff\xff\xff");
    }),
  "pings, the answers to which are not read": async (port) => {
    const raw = await openHttp2(port);
    raw.socket.pause();
    await flood(raw, 50_000, () => frame(PING, 0, 0, "12345678"));
  },
  "settings, the answers to which are not read": async (port) => {
    const raw = await openHttp2(port);
    raw.socket.pause();
    await flood(raw, 50_000, () => frame(SETTINGS, 0, 0));
  },
  "pings, the answers to which are read": async (port) =>
    flood(await openHttp2(port), 20_000, () => frame(PING, 0, 0, "12345678")),
  "data frames without data": async (port) => {
    const raw = await openHttp2(port);
    await raw.send(request(1, "POST", BATCH, false));
    await flood(raw, 50_000, () => frame(DATA, 0, 1));
  },
  "windows that grow by one": async (port) =>
    flood(await openHttp2(port), 50_000, () => frame(WINDOW_UPDATE, 0, 0, "\0\0\0\x01")),
  "priorities of streams that are not there": async (port) =>
    flood(await openHttp2(port), 50_000, (index) =>
      frame(PRIORITY, 0, streamId(index), "\0\0\0\0\x10"),
    ),
  "headers that go on and on, without a byte in them": async (port) => {
    const raw = await openHttp2(port);
    await raw.send(frame(HEADERS, 0, 1, headersOf("GET", STATS)));
    await flood(raw, 50_000, () => frame(CONTINUATION, 0, 1));
  },
  "headers that unpack to a thousand times their size": async (port) => {
    const raw = await openHttp2(port);
    const bomb = literal("x-bomb", "x".repeat(4_000), true) + "\xbe".repeat(10_000);
    await flood(raw, 1_000, (index) =>
      frame(HEADERS, END_HEADERS | END_STREAM, streamId(index), headersOf("GET", STATS, bomb)),
    );
  },
  "resets of streams that never were": async (port) =>
    flood(await openHttp2(port), 50_000, (index) => frame(RST_STREAM, 0, streamId(index), CANCEL)),
};

test("floods of HTTP/2 frames keep nobody else from being answered, and little memory", async () => {
  const victim = await startVictim();
  for (const [what, attack] of Object.entries(FLOODS)) {
    const grownBy = await victim.endure(() => attack(victim.port));
    expect(grownBy, what).toBeLessThan(200);
  }
  await victim.stop();
});

test("streams that are opened by the thousand, and answers that nobody takes, are no trouble to others", async () => {
  const victim = await startVictim();
  const raws: RawHttp2[] = [];
  const grownBy = await victim.endure(async () => {
    for (let at = 0; at < 5; at++) {
      const unfinished = await openHttp2(victim.port);
      await flood(unfinished, 1_000, (index) => request(streamId(index), "POST", BATCH, false));
      const untaken = await openHttp2(victim.port, NO_WINDOW);
      await flood(untaken, 1_000, (index) => request(streamId(index), "GET", "/openapi.json"));
      raws.push(unfinished, untaken);
    }
  });
  // 10,000 streams.
  expect(grownBy).toBeLessThan(500);
  for (const { socket } of raws) socket.destroy();
  await victim.stop();
});

/** SETTINGS_INITIAL_WINDOW_SIZE of 0: not a byte of an answer's body may be sent. */
const NO_WINDOW = "\0\x04\0\0\0\0";
