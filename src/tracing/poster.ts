import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** Why something was not taken. */
export interface Trouble {
  readonly reason: string;
  /** Whether another attempt may do better. */
  readonly isPassing: boolean;
  /** How long the receiver asks us to wait; 0 if it does not say. */
  readonly retryAfterMs: number;
}

export interface Poster {
  /** Of the receiver; its URL may say more than a log should. */
  readonly origin: string;
  /** Null: it was taken. Never rejects. */
  post(body: Uint8Array, signal: AbortSignal): Promise<Trouble | null>;
  close(): void;
}

export interface PosterOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
  /** In PEM. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** OTLP/HTTP names the answers after which to try again. */
const PASSING = new Set([429, 502, 503, 504]);

const compress = promisify(gzip);

/** Posts protobuf over connections that are kept alive. */
export function createPoster({ url, headers, isCompressed, tls }: PosterOptions): Poster {
  const { protocol, origin } = new URL(url);
  const keeping = { keepAlive: true };
  const [send, agent] =
    protocol === "https:"
      ? [httpsRequest, new HttpsAgent({ ...keeping, ...tls })]
      : [httpRequest, new Agent(keeping)];
  const sent = {
    ...headers,
    "content-type": "application/x-protobuf",
    ...(isCompressed && { "content-encoding": "gzip" }),
  };

  async function answerTo(body: Uint8Array, signal: AbortSignal): Promise<IncomingMessage> {
    const content = isCompressed ? await compress(body) : body;
    const request = send(url, { method: "POST", headers: sent, agent, signal });
    // It may fail once more, after its answer has begun.
    request.on("error", () => {});
    request.end(content);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    // Read to its end, for the sake of the connection.
    response.on("error", () => {}).resume();
    return response;
  }

  return {
    origin,
    async post(body, signal) {
      try {
        const { statusCode: status = 0, headers } = await answerTo(body, signal);
        if (status >= 200 && status < 300) return null;
        const seconds = Number(headers["retry-after"] ?? 0);
        const retryAfterMs = seconds > 0 ? seconds * 1000 : 0;
        return { reason: `answered ${status}`, isPassing: PASSING.has(status), retryAfterMs };
      } catch (error) {
        const reason = signal.aborted ? "no answer in time" : messageOf(error);
        return { reason, isPassing: !signal.aborted, retryAfterMs: 0 };
      }
    },
    close: () => agent.destroy(),
  };
}

/** A host of several addresses, none of which answers, is an error without words of its own. */
const messageOf = (error: unknown): string =>
  error instanceof AggregateError && error.message === ""
    ? error.errors.map(({ message }) => message).join(", ")
    : (error as Error).message;
