import { version } from "../../version.js";
import { Deferred, type Message, Rejected, type Sink } from "../message.js";
import { type Answer, createPoster } from "./httpPost.js";
import { signatureHeaders, signingKey } from "./httpSignature.js";

export interface HttpSinkOptions {
  /** Where events go whose topic is not itself a URL. */
  readonly url: string;
  /** "whsec_…" or plain text. */
  readonly secret: string;
  readonly topicOf: (type: string) => string;
  /** How long one request may take. */
  readonly timeLimitMs?: number;
}

/** Posts events one by one: the next leaves when the one before it was taken. Any 2xx takes it. */
export function httpSink(options: HttpSinkOptions): Sink {
  const { url, secret, topicOf, timeLimitMs = 10_000 } = options;
  const key = signingKey(secret);
  const poster = createPoster(timeLimitMs);

  const target = (type: string): string => {
    const topic = topicOf(type);
    return /^https?:\/\//i.test(topic) ? topic : url;
  };
  const headers = (message: Message): Record<string, string> => ({
    "Content-Type": "application/json",
    "User-Agent": `florin/${version.slice(1)}`,
    "Florin-Event": message.type,
    ...signatureHeaders(key, message, Math.floor(Date.now() / 1000)),
  });

  return {
    name: "http",
    async publish(messages, traceHeaders = {}) {
      for (const [delivered, message] of messages.entries()) {
        const answer = await poster
          .post(target(message.type), { ...headers(message), ...traceHeaders }, message.body)
          .catch((cause: Error) => {
            throw new Deferred(`the receiver cannot be reached: ${cause.message}`, {
              cause,
              delivered,
            });
          });
        requireTaken(answer, message, delivered);
      }
    },
    async close() {
      poster.close();
    },
  };
}

/** Throws unless `answer` takes the message. */
function requireTaken(answer: Answer, message: Message, delivered: number): void {
  const { status, excerpt } = answer;
  if (status >= 200 && status < 300) return;
  const reason = `the receiver answered ${status}${excerpt && `: ${excerpt}`}`;
  // Too large, or nobody lives there any more: asking again changes nothing.
  if (status === 413 || status === 410) throw new Rejected(message.id, reason);
  const retryAfterMs = parseRetryAfter(answer.retryAfter);
  throw new Deferred(reason, { delivered, ...(retryAfterMs !== null && { retryAfterMs }) });
}

/** Retry-After is seconds or a date (RFC 9110 §10.2.3). Null if it is neither. */
function parseRetryAfter(text: string): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : Math.max(0, instant - Date.now());
}
