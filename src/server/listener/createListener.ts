import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { Handler } from "../handler.js";
import type { CertificateFiles } from "./certificate.js";
import { guard } from "./guard.js";
import { createHttp1 } from "./http1.js";
import { createHttp2 } from "./http2.js";
import { defaultLimits, type Limits } from "./limits.js";
import { readPreface } from "./readPreface.js";

export interface ListenerOptions {
  readonly handler: Handler;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Null for cleartext. */
  readonly tls: CertificateFiles | null;
  readonly limits?: Partial<Limits>;
  /** Aborted with UNAVAILABLE when the listener begins to close, for streams that would never end by themselves. */
  readonly drain: AbortController;
  readonly logger: Logger;
}

export interface Listener {
  readonly port: number;
  /** Takes no new work, answers what is under way, and cuts off what is left after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

/**
 * Connections that wait to be accepted. Beyond, the system drops them, and their clients try again after one second, three,
 * seven. Node's own choice is 511, and the system's limit may be lower.
 */
const BACKLOG = 4096;

/** One TCP port for HTTP/1.1 and HTTP/2: told apart by ALPN on TLS, by the first bytes in cleartext. */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const { host, port, tls, drain, logger } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const handler = guard(options.handler, logger);
  const http2 = createHttp2(handler, limits);
  const http1 = createHttp1({
    handler,
    limits,
    tls,
    logger,
    onConnection: greet,
  });
  const { server } = http1;

  /** Every TCP connection, whatever has become of it. */
  const sockets = new Set<Socket>();
  /** Connections that have not said yet what they speak. */
  const undecided = new Set<Socket>();

  function greet(socket: Socket): void {
    socket.on("error", () => {});
    if (drain.signal.aborted) {
      socket.destroy();
    } else if (socket instanceof TLSSocket) {
      (socket.alpnProtocol === "h2" ? http2 : http1).serve(socket);
    } else {
      undecided.add(socket);
      socket.once("close", () => undecided.delete(socket));
      readPreface(socket, limits.firstBytesTimeoutMs, (isHttp2) => {
        undecided.delete(socket);
        (isHttp2 ? http2 : http1).serve(socket);
      });
    }
  }

  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen({ port, host, backlog: BACKLOG });
  await once(server, "listening");
  server.on("error", (error) => logger.error({ err: error }, "cannot accept a connection"));

  async function close(deadlineMs: number): Promise<void> {
    const closed = once(server, "close");
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, deadlineMs);
    server.close();
    http1.drain();
    http2.drain();
    for (const socket of undecided) socket.destroy();
    // Last: whoever loses a stream now has been told not to open another here.
    drain.abort(new ConnectError("the server is going away", Code.Unavailable));
    await closed;
    clearTimeout(cut);
  }

  return { port: (server.address() as AddressInfo).port, close };
}
