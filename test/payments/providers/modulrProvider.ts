import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** A request, as a provider sees it. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly body: unknown;
}

/** What befalls an answer: an error, too many requests, an end too early, a page for people, or much time. */
export type Fault = "500" | "429" | "cut" | "html" | "slow";

/** A provider that speaks real HTTP. */
export interface Provider {
  /** "http://127.0.0.1:<port>". */
  readonly url: string;
  /** Oldest first; those that a fault befell, too. */
  readonly asked: readonly Asked[];
  /** Faults to come: every third request takes one. */
  readonly faults: Fault[];
}

/** It ends with the test. */
export async function startProvider(answer: (asked: Asked) => Answer): Promise<Provider> {
  const asked: Asked[] = [];
  const faults: Fault[] = [];
  const server = createServer(async (request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "", "http://localhost");
    const { method = "", headers } = request;
    const one = { method, path, query, headers, body: await text(request) };
    asked.push(one);
    const fault = asked.length % 3 === 0 ? faults.shift() : undefined;
    if (fault !== undefined && fault !== "slow") return FAULTS[fault](response);
    if (fault === "slow") await sleep(1500);
    const { status = 200, body } = answer(one);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, faults };
}

const FAULTS: Record<Exclude<Fault, "slow">, (response: ServerResponse) => void> = {
  500: (response) => response.writeHead(500).end("{}"),
  429: (response) => response.writeHead(429, { "retry-after": "1" }).end("{}"),
  cut: (response) =>
    response.writeHead(200, { "content-length": "9999" }).write("{", () => response.destroy()),
  html: (response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Maintenance</h1>"),
};
