import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { onLoopback } from "./onLoopback.js";

/** A request that came in whole. */
export interface Delivery {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A real HTTP server that takes events. */
export interface Receiver {
  /** "http://127.0.0.1:<port>". */
  readonly url: string;
  /** Everything that came, oldest first. */
  readonly deliveries: readonly Delivery[];
  /** How many connections were opened. */
  readonly connections: () => number;
}

/** Starts a receiver that answers as `answer` says; `count` is 1 for the first request. It ends with the test. */
export async function startReceiver(
  answer: (response: ServerResponse, count: number) => void = (response) => response.end(),
): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    deliveries.push({ path: request.url ?? "", headers: request.headers, body });
    answer(response, deliveries.length);
  });
  server.on("connection", () => {
    connections += 1;
  });
  return { url: `http://${await onLoopback(server)}`, deliveries, connections: () => connections };
}
