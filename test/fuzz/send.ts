import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from "node:http2";
import type { Shot } from "./shot.js";

/** What came back. */
export interface Answer {
  /** 0 if there was no answer. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** "whole"; "open" for a stream that goes on; how it broke off otherwise. */
  readonly end: "whole" | "open" | "hang" | `reset ${number}` | `broke ${string}`;
}

/** Far more than an answer may take on a busy machine. */
const HANG_MS = 20_000;

/** How long a stream that may go on for ever is listened to. */
const LISTEN_MS = 50;

/** How long a stream is waited for that may have nothing to say. */
const SILENCE_MS = 300;

export interface Gun {
  send(shot: Shot): Promise<Answer>;
  close(): void;
}

/** Sends shots to `url` over HTTP/2, on a new connection whenever the server has had enough of the old one. */
export function createGun(url: string, token: string): Gun {
  let session: ClientHttp2Session | null = null;
  const open = () => {
    if (session === null || session.closed || session.destroyed) {
      session = connect(url);
      session.on("error", () => {});
    }
    return session;
  };
  return {
    send: (shot) => exchange(open(), shot, token),
    close: () => session?.destroy(),
  };
}

function exchange(session: ClientHttp2Session, shot: Shot, token: string): Promise<Answer> {
  const { verb, path, headers, body, end } = shot;
  const stream = session.request(
    { ":method": verb, ":path": path, authorization: `Bearer ${token}`, ...headers },
    { endStream: body === null },
  );
  return new Promise((resolve) => {
    const told = { status: 0, headers: {}, trailers: {}, chunks: [] as Buffer[] };
    const finish = (how: Answer["end"]) => {
      clearTimeout(timer);
      clearTimeout(listening);
      resolve({ ...told, body: Buffer.concat(told.chunks), end: how });
      if (!stream.destroyed) stream.close(constants.NGHTTP2_CANCEL);
    };
    // Who watches hears nothing for as long as nothing happens.
    const isPatient = end !== "never" && shot.rpc.methodKind !== "server_streaming";
    const timer = setTimeout(
      () => finish(isPatient ? "hang" : "open"),
      isPatient ? HANG_MS : SILENCE_MS,
    );
    let listening: NodeJS.Timeout | undefined;
    const mayGoOn = /^(server|bidi)/.test(shot.rpc.methodKind);
    stream.on("response", (head) => {
      told.status = head[":status"] ?? 0;
      told.headers = head;
      if (mayGoOn && told.status === 200) listening = setTimeout(() => finish("open"), LISTEN_MS);
    });
    stream.on("trailers", (trailers) => {
      told.trailers = trailers;
    });
    stream.on("data", (chunk: Buffer) => told.chunks.push(chunk));
    stream.on("end", () => setImmediate(() => finish("whole")));
    stream.on("error", (error: NodeJS.ErrnoException) => finish(`broke ${error.code}`));
    stream.on("close", () => finish(`reset ${stream.rstCode}`));
    if (body === null) return;
    if (end === "well") stream.end(body);
    else if (end === "never") stream.write(body);
    else stream.write(body, () => stream.close(constants.NGHTTP2_CANCEL));
  });
}
