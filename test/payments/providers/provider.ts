import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A request to a fake provider. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, or as JSON. */
  readonly body: unknown;
}

/** What a fake provider does instead of answering; "late" ones come after it has done what was asked. */
export type Fault = Early | Late;
type Early = "500" | "429" | "slow" | "cut" | "html";
type Late = "late-500" | "late-cut" | "late-silence";

const isLate = (fault: Fault): fault is Late => fault.startsWith("late");

export interface FakeProvider {
  /** "http://127.0.0.1:<port>". */
  readonly url: string;
  /** Everything that was asked, oldest first. */
  readonly asked: readonly Asked[];
  /** What was wrong with requests: whatever `answer` threw. */
  readonly complaints: readonly string[];
  /** Has the next requests go wrong, one fault each. */
  failNext(...faults: readonly Fault[]): void;
}

const SLOW_MS = 300;

/** A provider that speaks HTTP on loopback, until the test is over. Where `answer` throws, it answers 400. */
export async function startProvider(answer: (asked: Asked) => Told): Promise<FakeProvider> {
  const [asked, complaints, faults]: [Asked[], string[], Fault[]] = [[], [], []];

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://provider.test");
    const { method = "GET", headers } = request;
    const one = { method, url, headers, body: await text(request) };
    asked.push(one);
    const fault = faults.shift();
    if (fault !== undefined && fault !== "slow" && !isLate(fault)) return fail(fault, response);
    if (fault === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    try {
      const told = answer(one);
      if (fault === "late-silence") return;
      if (fault === "late-500") fail("500", response);
      else if (fault === "late-cut") fail("cut", response);
      else send(response, told);
    } catch (error) {
      complaints.push(`${method} ${request.url}: ${(error as Error).message}`);
      send(response, { status: 400, body: { error: { message: (error as Error).message } } });
    }
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, asked, complaints },
    failNext: (...more) => faults.push(...more),
  };
}

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
}

function send(response: ServerResponse, { status = 200, headers, body }: Told): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function fail(fault: Exclude<Early, "slow">, response: ServerResponse): void {
  if (fault === "500") send(response, { status: 500, body: {} });
  else if (fault === "429")
    send(response, { status: 429, headers: { "retry-after": "1" }, body: {} });
  else if (fault === "html")
    send(response, { headers: { "content-type": "text/html" }, body: "<html>Sorry</html>" });
  else {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"object":', () => response.destroy());
  }
}
