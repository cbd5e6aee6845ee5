import { constants, createServer, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Handler } from "../handler.js";
import type { Limits } from "./limits.js";

/** Speaks HTTP/2 on the connections that it is handed. */
export interface Http2 {
  serve(socket: Socket): void;
  /** Tells every client to open no more streams (GOAWAY); a connection ends with its last stream. */
  drain(): void;
}

/** How long a client may go on sending after its answer: cut at once, it might not see it. */
const LINGER_MS = 1_000;

export function createHttp2(handler: Handler, limits: Limits): Http2 {
  const server = createServer(
    {
      settings: {
        maxConcurrentStreams: limits.maxStreams,
        maxHeaderListSize: limits.maxHeaderBytes,
      },
    },
    handler,
  );
  // Left to itself, Node would refuse what a client expects, and in words of its own.
  server.on("checkExpectation", handler);
  const sessions = new Set<ServerHttp2Session>();

  server.on("session", (session) => {
    let openStreams = 0;
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.setTimeout(limits.keepAliveTimeoutMs);
    session.on("timeout", () => {
      if (openStreams === 0) return session.close();
      // Its streams may have nothing to say for long; but a client that is gone, or broke the protocol, does not answer.
      const cut = setTimeout(() => session.destroy(), limits.keepAliveTimeoutMs);
      session.ping(() => {
        clearTimeout(cut);
        session.setTimeout(limits.keepAliveTimeoutMs);
      });
    });
    session.on("stream", (stream) => {
      openStreams += 1;
      stream.once("close", () => {
        openStreams -= 1;
      });
      stream.setTimeout(limits.requestTimeoutMs, () => {
        const isUploading = !stream.endAfterHeaders && !stream.readableEnded;
        if (isUploading || stream.writableLength > 0) stream.close(constants.NGHTTP2_CANCEL);
      });
      if (stream.endAfterHeaders) return;
      stream.once("finish", () => {
        // Answered before all of it was read, a request need not go on (RFC 9113, 8.1).
        const cut = setTimeout(() => {
          stream.close(constants.NGHTTP2_NO_ERROR);
          stream.destroy();
        }, LINGER_MS);
        stream.once("close", () => clearTimeout(cut));
      });
    });
  });
  return {
    serve(socket) {
      // A client that is gone hangs up on one side only. HTTP/1.1 may go on from there; here all calls are over.
      socket.allowHalfOpen = false;
      server.emit("connection", socket);
    },
    drain() {
      for (const session of sessions) session.close();
    },
  };
}
