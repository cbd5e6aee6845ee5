import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** What a receiver said. */
export interface Answer {
  readonly status: number;
  /** "" if it sent none. */
  readonly retryAfter: string;
  /** How its body begins. */
  readonly excerpt: string;
}

export interface Poster {
  /** Rejects if there was no answer in time. Follows no redirect. */
  post(url: string, headers: Record<string, string>, body: string): Promise<Answer>;
  /** Ends what is under way. */
  close(): void;
}

/** Bytes of a body that are read at most; a connection with more to say is closed. */
const BODY_LIMIT = 4096;

/** Posts over connections that are kept alive. */
export function createPoster(timeLimitMs: number): Poster {
  const agents = {
    http: new Agent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
  };

  let isClosed = false;

  async function post(
    url: string,
    headers: Record<string, string>,
    body: string,
    signal = AbortSignal.timeout(timeLimitMs),
  ): Promise<Answer> {
    const options = { method: "POST", headers, signal };
    const request = url.startsWith("https:")
      ? httpsRequest(url, { ...options, agent: agents.https })
      : httpRequest(url, { ...options, agent: agents.http });
    // It may fail once more, after its answer has begun.
    request.on("error", () => {});
    request.end(body);
    try {
      const [response] = (await once(request, "response")) as [IncomingMessage];
      return {
        status: response.statusCode ?? 0,
        retryAfter: response.headers["retry-after"] ?? "",
        excerpt: await startOf(response),
      };
    } catch (error) {
      // The receiver closed an idle connection just as we took it: nobody has read the request.
      if (!isClosed && request.reusedSocket && isReset(error))
        return post(url, headers, body, signal);
      throw signal.aborted
        ? new Error(`no answer within ${timeLimitMs} ms`, { cause: error })
        : error;
    }
  }

  return {
    post: (url, headers, body) => post(url, headers, body),
    close() {
      isClosed = true;
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const isReset = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ECONNRESET";

/** The body's first bytes as text; what came, if it is cut off. */
async function startOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) > BODY_LIMIT) break;
    }
  } catch {
    // The status has been said; the body is only there to explain it.
  }
  return Buffer.concat(chunks).toString().slice(0, 200);
}
