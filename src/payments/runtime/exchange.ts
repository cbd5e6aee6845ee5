import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { HttpAnswer, HttpRequest, HttpTarget } from "../connectors/connector.js";

/** A whole exchange takes no longer. */
const TIMEOUT_MS = 30_000;

/** A connection that nobody has needed for so long is closed. */
const IDLE_MS = 10_000;

const MOST_BYTES = 32 * 1024 * 1024;

export interface Exchange {
  /** Sends `request` once; whatever status it is answered with is an answer. Redirections are not followed. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends all connections. */
  close(): void;
}

export function createExchange(target: HttpTarget, timeoutMs = TIMEOUT_MS): Exchange {
  const { baseUrl, alsoAt = [], certificate } = target;
  const keeping = { keepAlive: true, timeout: IDLE_MS };
  const plain = new HttpAgent(keeping);
  const secure = new HttpsAgent({ ...keeping, ...certificate });
  const origins = new Set([baseUrl, ...alsoAt].map((url) => new URL(url).origin));

  async function exchange(
    { method = "GET", path, headers, body }: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const url = new URL(/^https?:/.test(path) ? path : baseUrl + path);
    if (!origins.has(url.origin)) throw new Error(`${url.origin} is not where the provider is`);
    const isSecure = url.protocol === "https:";
    const request = (isSecure ? requestHttps : requestHttp)(url, {
      ...{ method, agent: isSecure ? secure : plain, signal },
      headers: {
        ...{ accept: "application/json", "user-agent": "florin" },
        ...{ ...target.headers?.(), ...headers },
      },
    });
    request.end(body);
    const response = await responseTo(request);
    const { statusCode: status = 0 } = response;
    return { status, headers: headersOf(response), body: await readAll(response) };
  }

  return {
    async send(request, signal) {
      // AbortSignal.any would be forgotten by the garbage collector before its time has come.
      const within = new AbortController();
      const abort = () => within.abort();
      const timer = setTimeout(abort, timeoutMs);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      try {
        return await exchange(request, within.signal);
      } catch (error) {
        throw within.signal.aborted ? new Error("gave no answer in time") : readable(error);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      }
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** A host of several addresses, none of which answers, is an error without words of its own. */
const readable = (error: unknown): unknown =>
  error instanceof AggregateError && error.message === ""
    ? new Error(error.errors.map(({ message }) => message).join(", "), { cause: error })
    : error;

const responseTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
    // Without an answer: a 101 is none.
    request.on("close", () => reject(new Error("closed the connection")));
  });

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`answered more than ${MOST_BYTES / 1024 / 1024} MiB`);
  }
  // A mark of the byte order, which some begin with, is no part of the text.
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
