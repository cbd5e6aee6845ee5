import { JetStreamApiError, type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { errors, headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { TraceHeaders } from "../../lib/tracing.js";
import { Deferred, type Message, Rejected, type Sink } from "../message.js";
import { connectToFirst } from "./natsConnect.js";
import { coverSubject, isUncovered, isUnheard } from "./natsStream.js";
import { planWindow } from "./natsWindow.js";
import { within } from "./within.js";

export interface NatsSinkOptions {
  /** Servers of one cluster, as URLs. */
  readonly servers: readonly string[];
  /** The subject. */
  readonly topicOf: (type: string) => string;
  /** Stream that is made, or widened, to take subjects that no stream takes. */
  readonly stream?: string;
  /** How long the server may take to confirm a window of messages. */
  readonly timeLimitMs?: number;
}

interface Opened {
  readonly nats: NatsConnection;
  readonly client: JetStreamClient;
}

/** Messages that may be under way unconfirmed, per call. */
const MAX_WINDOW = 256;
/** How long a server that confirms nothing may take to say whether a stream could. */
const ASK_MS = 1000;
/** How long a stop waits for a connection that is being made. */
const CLOSE_MS = 2000;
/** JetStream's answers, by `err_code`. */
const TOO_LARGE = 10_054;
const WRONG_LAST_MESSAGE = 10_070;

/**
 * Publishes to JetStream, many messages at a time. A message after the first of a window is sent on condition that
 * the stream's last message is the one before it, so a lost or refused one holds back all that follow it.
 */
export function natsSink(options: NatsSinkOptions): Sink {
  const { servers, topicOf, stream = "florin", timeLimitMs: timeout = 10_000 } = options;
  /** The stream that takes a subject, as its last confirmation said. */
  const streams = new Map<string, string>();
  let opened: Promise<Opened> | null = null;

  function connected(): Promise<Opened> {
    if (opened !== null) return opened;
    const opening = connectToFirst(servers, timeout).then((nats) => ({
      nats,
      client: jetstream(nats, { timeout }),
    }));
    const forget = () => {
      if (opened === opening) opened = null;
    };
    opening.then(({ nats }) => nats.closed()).then(forget, forget);
    opened = opening;
    return opening;
  }

  /** Sends a window that begins with the first of `messages`: how many arrived, and what befell the next one. */
  async function send(
    client: JetStreamClient,
    messages: readonly Message[],
    size: number,
    traceHeaders: TraceHeaders,
  ) {
    const window = planWindow(messages, { size, topicOf, streams });
    const answers = await Promise.allSettled(
      window.map(({ message, subject, after }) =>
        client.publish(subject, message.body, {
          msgID: message.id,
          headers: toHeaders(traceHeaders),
          timeout,
          ...(after !== undefined && { expect: { lastMsgID: after } }),
        }),
      ),
    );
    let delivered = 0;
    for (const [index, answer] of answers.entries()) {
      const subject = window[index]?.subject ?? "";
      if (answer.status === "rejected") {
        streams.delete(subject);
        return { delivered, failed: { subject, error: answer.reason as Error } };
      }
      streams.set(subject, answer.value.stream);
      delivered += 1;
    }
    return { delivered, failed: null };
  }

  return {
    name: "nats",
    async publish(messages, traceHeaders = {}) {
      let delivered = 0;
      let size = MAX_WINDOW;
      const covered = new Set<string>();
      try {
        const { nats, client } = await connected();
        while (delivered < messages.length) {
          const rest = messages.slice(delivered);
          const { delivered: more, failed } = await send(client, rest, size, traceHeaders);
          delivered += more;
          // Others who write to the stream break windows; a small one has better chances.
          size = Math.min(MAX_WINDOW, 2 * Math.max(more, 1));
          if (failed === null) continue;
          const { subject, error } = failed;
          if (more > 0 && codeOf(error) === WRONG_LAST_MESSAGE) continue;
          if (!covered.has(subject) && (await isInVain(nats, error, subject))) {
            covered.add(subject);
            await coverSubject(nats, { stream, subject, timeout });
            continue;
          }
          if (isTooLarge(error)) throw new Rejected(messages[delivered]?.id ?? "", error.message);
          // Without an answer another server of the cluster, or a fresh start, may do better.
          if (codeOf(error) === null) await nats.close();
          throw error;
        }
      } catch (error) {
        if (error instanceof Rejected) throw error;
        throw new Deferred(`NATS: ${(error as Error).message}`, { cause: error, delivered });
      }
    },
    async close() {
      await within(
        CLOSE_MS,
        opened?.then(({ nats }) => nats.close()),
      ).catch(() => {});
    },
  };
}

/** Made for each message: the client writes into it. */
function toHeaders(traceHeaders: TraceHeaders): MsgHdrs {
  const made = headers();
  for (const [name, value] of Object.entries(traceHeaders)) made.set(name, value);
  return made;
}

/** JetStream's own reason. Null if the failure is not its answer. */
const codeOf = (error: Error): number | null =>
  error instanceof JetStreamApiError ? error.code : null;

/** Neither the server nor the stream takes a message of that size. */
const isTooLarge = (error: Error): boolean =>
  codeOf(error) === TOO_LARGE ||
  (error instanceof errors.InvalidArgumentError && error.message.includes("max_payload"));

/** Whether no stream listens to the subject: the server says so at once, or, if somebody else listens, when it is asked. */
const isInVain = async (nats: NatsConnection, error: Error, subject: string): Promise<boolean> =>
  error instanceof errors.TimeoutError
    ? isUncovered(nats, { subject, timeout: ASK_MS })
    : isUnheard(error);
