import http, { type ServerResponse } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import type { Handler } from "../handler.js";
import { type CertificateFiles, followCertificate, readCertificate } from "./certificate.js";
import type { Limits } from "./limits.js";
import { refuse } from "./refuse.js";

/** A server that owns the port, and speaks HTTP/1.1 on those connections that it is handed. */
export interface Http1 {
  readonly server: http.Server;
  /** Speaks HTTP/1.1 on `socket`. */
  serve(socket: Socket): void;
  /** Requests under way are answered, and their connections closed after that. */
  drain(): void;
}

export interface Http1Options {
  readonly handler: Handler;
  readonly limits: Limits;
  /** Null for cleartext. */
  readonly tls: CertificateFiles | null;
  readonly logger: Logger;
  /** Gets every connection, after its TLS handshake if there is one. */
  readonly onConnection: (socket: Socket) => void;
}

export function createHttp1(options: Http1Options): Http1 {
  const { handler, limits, tls, onConnection } = options;
  const server = createServer(options);
  // Headers over a count would be dropped in silence, an Idempotency-Key among them. Their size is limited.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxConnections;

  // Node's listener would take every connection for HTTP/1.1; ours looks first, and lends it those that are.
  const opened = tls === null ? "connection" : "secureConnection";
  const [serveHttp1] = server.listeners(opened);
  server.removeAllListeners(opened).on(opened, onConnection);

  const lines = new Map<Socket, Line>();
  function lineOf(socket: Socket): Line {
    const line = lines.get(socket) ?? { socket, responses: [], waiting: [] };
    if (lines.has(socket)) return line;
    lines.set(socket, line);
    socket.once("close", () => {
      lines.delete(socket);
      abandon(line);
    });
    return line;
  }
  const isAnswering = (socket: Socket) => (lines.get(socket)?.responses.length ?? 0) > 0;
  let isDraining = false;
  const closeAfter = (socket: Socket, response: ServerResponse) => {
    if (response.headersSent) response.once("close", () => socket.end());
    else response.setHeader("Connection", "close");
  };

  server.on("request", (req, res) => {
    const { socket } = req;
    if (isDraining) closeAfter(socket, res);
    inTurn(lineOf(socket), res, () => handler(req, res));
  });
  // Left to itself, Node would refuse what a client expects, and in words of its own.
  server.on("checkExpectation", (req, res) => server.emit("request", req, res));
  // Also when a kept-alive connection has had no request for long: then nothing is under way.
  server.timeout = limits.requestTimeoutMs;
  server.on("timeout", (socket: Socket) => {
    if (!isAnswering(socket) || socket.writableLength > 0) socket.destroy();
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    // In a TLS handshake, on a broken connection or in the middle of a response there is nobody to tell.
    const isParserError =
      error.code?.startsWith("HPE_") || error.code === "ERR_HTTP_REQUEST_TIMEOUT";
    if (isParserError && socket.writable && !isAnswering(socket)) refuse(socket, error.code);
    else socket.destroy();
  });

  return {
    server,
    serve(socket) {
      serveHttp1?.call(server, socket);
      socket.resume();
    },
    drain() {
      isDraining = true;
      for (const [socket, { responses }] of lines) {
        const last = responses.at(-1);
        if (last) closeAfter(socket, last);
      }
    },
  };
}

/** Requests of one connection that are under way at a time: a pipeline of thousands takes no more room than that. */
const MOST_AT_ONCE = 16;

/** What is under way on a connection. */
interface Line {
  readonly socket: Socket;
  /** Those that are not over, in the order of their requests: those may be pipelined. */
  readonly responses: ServerResponse[];
  /** What begins the work of the last of them. */
  readonly waiting: (() => void)[];
}

/** Begins the work of a connection's requests in their order, so many at a time. */
function inTurn(line: Line, response: ServerResponse, work: () => void): void {
  const { socket, responses, waiting } = line;
  responses.push(response);
  response.once("close", () => {
    responses.splice(responses.indexOf(response), 1);
    if (!socket.destroyed) waiting.shift()?.();
  });
  if (responses.length <= MOST_AT_ONCE) work();
  else waiting.push(work);
}

/** Responses whose turn had not come when their connection closed: Node would never close them. */
function abandon({ responses }: Line): void {
  for (const response of [...responses]) {
    if (response.socket !== null || response.writableFinished) continue;
    response.destroy();
    response.emit("close");
  }
}

function createServer({ limits, tls, logger }: Http1Options): http.Server {
  const options = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    // Finds out that a peer vanished, even where nothing is being sent.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  };
  if (tls === null) return http.createServer(options);
  const server = https.createServer({
    ...options,
    ...readCertificate(tls),
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout: limits.firstBytesTimeoutMs,
  });
  server.once("close", followCertificate(tls, server, logger));
  return server;
}
