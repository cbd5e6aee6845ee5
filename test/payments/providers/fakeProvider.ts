import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { expect, onTestFinished } from "vitest";
import { onLoopback } from "../../support/onLoopback.js";

/** A request that came in whole. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Whether it came with a client certificate that the provider trusts. */
  readonly isCertified: boolean;
}

export interface Reply {
  readonly status?: number;
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Spared from mishaps. */
  readonly isLogin?: boolean;
  /** What befalls it instead of the next of all mishaps. */
  readonly mishap?: Mishap | undefined;
}

/** What befalls a request instead of being answered as it should. */
export type Mishap = "fails" | "too many" | "slow" | "cut off" | "HTML" | "session over";

/** Those that are unheeded befall a request before what it asks for is done, and logins as well. */
export type Fate = Mishap | `unheeded: ${Mishap}`;

export interface Provider {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** What befalls the next requests but logins, one each; taken from the front. */
  readonly mishaps: Fate[];
  /** The next request that is meant is never answered, though it may be heeded; resolves when it has come. */
  swallow(isMeant: (seen: Seen) => boolean, fate?: "heeded" | "ignored"): Promise<void>;
}

/** A real server that answers as `answer` says; what that finds wrong with a request fails the test. It ends with the test. */
export async function startProvider(
  answer: (seen: Seen) => Reply,
  tls: ServerOptions | null = null,
): Promise<Provider> {
  const seen: Seen[] = [];
  const mishaps: Fate[] = [];
  const complaints: unknown[] = [];
  const swallows: ((one: Seen) => "heeded" | "ignored" | null)[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "", "http://localhost");
    const isCertified = (request.socket as Partial<TLSSocket>).authorized === true;
    const { method = "", headers } = request;
    const one: Seen = { method, path, query, headers, body: await text(request), isCertified };
    seen.push(one);
    const fate = swallows.reduce<ReturnType<(typeof swallows)[number]>>(
      (found, swallow) => found ?? swallow(one),
      null,
    );
    if (fate === "ignored") return;
    try {
      const reply = (fate === null ? takeUnheeded(mishaps) : null) ?? answer(one);
      if (fate === null) await send(response, reply);
    } catch (error) {
      complaints.push(error);
      response.writeHead(400).end();
    }
  }

  async function send(response: ServerResponse, { status = 200, json, headers, ...rest }: Reply) {
    const mishap = rest.isLogin ? undefined : (rest.mishap ?? mishaps.shift());
    if (mishap === "fails") return response.writeHead(500).end("oh");
    if (mishap === "too many") return response.writeHead(429, { "retry-after": "1" }).end();
    if (mishap === "session over") return response.writeHead(401).end("{}");
    if (mishap === "HTML") return response.end("<html>We are sorry</html>");
    if (mishap === "slow") await sleep(300);
    const body = JSON.stringify(json);
    response.writeHead(status, {
      ...{ "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      ...headers,
    });
    if (mishap !== "cut off") return response.end(body);
    return response.write(body.slice(0, body.length / 2), () => response.destroy());
  }

  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void handle(request, response).catch(() => response.destroy());
  const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener);
  onTestFinished(() => expect(complaints).toEqual([]));
  const address = await onLoopback(server);
  return {
    url: `${tls ? "https" : "http"}://${address}`,
    seen,
    mishaps,
    swallow: (isMeant, fate = "ignored") =>
      new Promise((resolve) => {
        let isOver = false;
        swallows.push((one) => {
          if (isOver || !isMeant(one)) return null;
          isOver = true;
          // Not before it is heeded.
          setImmediate(resolve);
          return fate;
        });
      }),
  };
}

/** What is answered to a request that is not heeded; null if the next one is. */
function takeUnheeded(mishaps: Fate[]): Reply | null {
  const [, mishap] = /^unheeded: (.+)$/.exec(mishaps[0] ?? "") ?? [];
  if (mishap === undefined) return null;
  mishaps.shift();
  return { json: {}, mishap: mishap as Mishap };
}
