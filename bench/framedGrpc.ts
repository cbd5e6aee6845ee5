import { connect } from "node:net";

export interface FramedOptions {
  readonly port: number;
  readonly token: string;
  readonly path: string;
}

/** Frames of HTTP/2 (RFC 9113, section 6), and their flags. */
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;
const HEAD_BYTES = 9;
const NOTHING: Buffer = Buffer.alloc(0);

/** Bytes before a gRPC message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

/**
 * Makes unary calls of gRPC on one connection, by frames that are ready but for their number: what gRPC is on the wire, and
 * nothing that a client adds. Messages are small: the server's window is never full.
 */
export function framedGrpc(options: FramedOptions) {
  const socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
  const ended = new Map<number, (isOk: boolean) => void>();
  const withMessage = new Set<number>();
  let unsent: Buffer[] = [];
  let unread: Buffer = NOTHING;
  let lastStream = -1;

  function send(...frames: readonly Buffer[]): void {
    if (unsent.length === 0) setImmediate(flush);
    unsent.push(...frames);
  }
  function flush(): void {
    socket.write(Buffer.concat(unsent));
    unsent = [];
  }
  function end(stream: number, isOk: boolean): void {
    ended.get(stream)?.(isOk);
    ended.delete(stream);
    withMessage.delete(stream);
  }
  /** An answer has a message if and only if it is a success: refusals are headers alone. */
  function receive(type: number, flags: number, stream: number, payload: Uint8Array): void {
    if (type === DATA && payload.length > PREFIX_BYTES) withMessage.add(stream);
    if (type === SETTINGS && !(flags & ACK)) send(frame(SETTINGS, ACK, 0));
    if (type === PING && !(flags & ACK)) send(frame(PING, ACK, 0, payload));
    if (type === GOAWAY) socket.destroy();
    if (type === RST_STREAM) end(stream, false);
    else if ((type === DATA || type === HEADERS) && flags & END_STREAM) {
      end(stream, withMessage.has(stream));
    }
  }
  socket.on("data", (chunk) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    while (unread.length >= HEAD_BYTES) {
      const size = HEAD_BYTES + unread.readUIntBE(0, 3);
      if (unread.length < size) return;
      const [type = 0, flags = 0] = unread.subarray(3, 5);
      receive(type, flags, unread.readUInt32BE(5), unread.subarray(HEAD_BYTES, size));
      unread = unread.subarray(size);
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    for (const stream of ended.keys()) end(stream, false);
  });

  const most = Buffer.alloc(4);
  most.writeInt32BE(2 ** 31 - 1 - 65_535);
  send(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(SETTINGS, 0, 0));
  send(frame(WINDOW_UPDATE, 0, 0, most));

  const call = (message: Buffer): Promise<boolean> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error("the server has ended the connection"));
      const headers = lastStream < 0 ? firstHeaders(options) : LATER_HEADERS;
      lastStream += 2;
      ended.set(lastStream, resolve);
      send(frame(HEADERS, END_HEADERS, lastStream, headers));
      send(frame(DATA, END_STREAM, lastStream, prefixed(message)));
    });
  return { call, close: () => socket.destroy() };
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array = NOTHING): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function prefixed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** POST and http, which HPACK knows (RFC 7541, appendix A), and what it is to remember. */
const firstHeaders = ({ port, path, token }: FramedOptions): Buffer =>
  Buffer.concat([
    Buffer.from([0x83, 0x86]),
    remembered(0x44, path),
    remembered(0x41, `127.0.0.1:${port}`),
    remembered(0x5f, "application/grpc"),
    remembered(0x40, "te", "trailers"),
    remembered(0x57, `Bearer ${token}`),
  ]);

/** The same: entries 66 to 62 of its table are those, the last one first. */
const LATER_HEADERS = Buffer.from([0x83, 0x86, 0xc2, 0xc1, 0xc0, 0xbf, 0xbe]);

/** A field that is added to HPACK's table (RFC 7541, section 6.2.1). */
const remembered = (index: number, ...texts: readonly string[]): Buffer =>
  Buffer.concat([
    Buffer.from([index]),
    ...texts.flatMap((text) => [lengthOf(text), Buffer.from(text)]),
  ]);

/** An integer in seven bits and, if need be, as many more bytes (RFC 7541, section 5.1). */
function lengthOf({ length }: string): Buffer {
  if (length < 127) return Buffer.from([length]);
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
