import type { Socket } from "node:net";
import {
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  PREFACE,
  SETTINGS,
} from "../support/http2Frames.js";
import { dial } from "../support/listener.js";

const PING = 6;

/** Type, flags and stream of a GOAWAY frame. */
const GOAWAY_HEAD = "\x07\0\0\0\0\0";

export interface RawHttp2 {
  readonly socket: Socket;
  /** Writes frames as fast as they are taken; false once the server has hung up. */
  send(frames: string): Promise<boolean>;
  /** Once the server has dealt with all that was sent: it answers a ping, or will hear no more. */
  settled(): Promise<void>;
}

/** A connection that has said the preface and `settings`, and nothing else. */
export async function openHttp2(port: number, settings = ""): Promise<RawHttp2> {
  const { socket } = await dial(port);
  const send = async (frames: string) => {
    if (socket.destroyed || !socket.writable) return false;
    if (socket.write(frames, "latin1")) return true;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off("drain", done).off("close", done);
        resolve();
      };
      socket.once("drain", done).once("close", done);
    });
    return !socket.destroyed;
  };
  await send(PREFACE + frame(SETTINGS, 0, 0, settings));
  const settled = async () => {
    socket.resume();
    const told = new Promise<void>((resolve) => {
      socket.once("close", resolve);
      socket.on("data", (chunk: Buffer) => {
        if (chunk.includes("settled?") || chunk.includes(GOAWAY_HEAD, 0, "latin1")) resolve();
      });
    });
    if (await send(frame(PING, 0, 0, "settled?"))) await told;
  };
  return { socket, send, settled };
}

/** A number as HPACK writes it (RFC 7541, 5.1). */
function integer(value: number, prefixBits: number, first = 0): string {
  const most = 2 ** prefixBits - 1;
  if (value < most) return String.fromCharCode(first | value);
  let text = String.fromCharCode(first | most);
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128))
    text += String.fromCharCode((rest % 128) | 128);
  return text + String.fromCharCode(rest);
}

const text = (value: string) => integer(value.length, 7) + value;

/** A header that is spelled out, and not remembered; with `isKept`, it is. */
export const literal = (name: string, value: string, isKept = false): string =>
  (isKept ? "\x40" : "\0") + text(name) + text(value);

/** The headers of a request. */
export const headersOf = (method: string, path: string, others = ""): string =>
  literal(":method", method) +
  literal(":scheme", "http") +
  literal(":authority", "florin") +
  literal(":path", path) +
  others;

/** The frame of a whole request, or, if its end is yet to come, of its head. */
export const request = (stream: number, method: string, path: string, isWhole = true): string =>
  frame(HEADERS, END_HEADERS | (isWhole ? END_STREAM : 0), stream, headersOf(method, path));

/** Stream ids that clients may use, in order. */
export const streamId = (index: number): number => 2 * index + 1;
