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

const MOST_BYTES = 32 * 1024 * 1024;

/** Sends `request` once; whatever status it is answered with is an answer. Redirections are not followed. */
export type Exchange = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

export function createExchange(target: HttpTarget): Exchange {
  const { baseUrl, alsoAt = [], certificate } = target;
  const plain = new HttpAgent({ keepAlive: true });
  const secure = new HttpsAgent({ keepAlive: true, ...certificate });
  const origins = new Set([baseUrl, ...alsoAt].map((url) => new URL(url).origin));

  return async ({ method = "GET", path, headers, body }, signal) => {
    const url = new URL(/^https?:/.test(path) ? path : baseUrl + path);
    if (!origins.has(url.origin)) throw new Error(`${url.origin} is not where the provider is`);
    const isSecure = url.protocol === "https:";
    const agent = isSecure ? secure : plain;
    const request = (isSecure ? requestHttps : requestHttp)(url, {
      ...{ method, agent },
      headers: {
        ...{ accept: "application/json", "user-agent": "florin" },
        ...{ ...target.headers?.(), ...headers },
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    request.end(body);
    const response = await responseTo(request);
    const { statusCode: status = 0 } = response;
    return { status, headers: headersOf(response), body: await readAll(response) };
  };
}

const responseTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.name === "AbortError" ? new Error("gave no answer in time") : error),
    );
  });

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`answered more than ${MOST_BYTES / 1024 / 1024} MiB`);
  }
  return Buffer.concat(chunks).toString();
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
