import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  request as sendRequest,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import type { Handler } from "../../src/server/handler.js";
import { createRestHandler, type RestHandlerOptions } from "../../src/server/rest/restHandler.js";
import { fixtureService } from "./fixture.js";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CallOptions {
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Uint8Array;
}

export type Send = (verb: string, path: string, options?: CallOptions) => Promise<Answer>;

type Options = Partial<RestHandlerOptions>;

/** The fixture's RPCs, done by `implementation`. What no route has is answered with 404 "next". */
export function restListener(
  implementation: Record<string, unknown>,
  options: Options = {},
): Handler {
  const { handle } = createRestHandler({
    services: [
      {
        service: fixtureService,
        implementation: implementation as Partial<ServiceImpl<DescService>>,
      },
    ],
    interceptors: [],
    defaultMaxBodyBytes: 100_000,
    logger: pino({ level: "silent" }),
    ...options,
  });
  return (request, response) =>
    handle(request, response, () => {
      response.writeHead(404);
      response.end("next");
    });
}

/** Serves the fixture's RPCs over HTTP/1.1 until the test ends. */
export async function serveRest(
  implementation: Record<string, unknown>,
  options?: Options,
): Promise<{ port: number; send: Send }> {
  const server = createServer(restListener(implementation, options));
  const send = await listen(server);
  return { port: (server.address() as AddressInfo).port, send };
}

/** Has `server` listen on a port of its own until the test ends. */
export async function listen(server: Server): Promise<Send> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return sender((server.address() as AddressInfo).port);
}

/** Sends requests as they are: paths are not normalised. */
const sender =
  (port: number): Send =>
  (verb, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const request = sendRequest({
        port,
        host: "127.0.0.1",
        method: verb,
        path,
        headers,
        agent: false,
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.end(body);
    });
