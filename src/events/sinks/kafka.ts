import {
  Kafka,
  type Message as KafkaMessage,
  logLevel,
  Partitioners,
  type Producer,
  type SASLOptions,
} from "kafkajs";
import type { TraceHeaders } from "../../lib/tracing.js";
import { Deferred, type Message, Rejected, type Sink } from "../message.js";
import { brokerSays, isTooLarge } from "./kafkaErrors.js";
import { within } from "./within.js";

export interface KafkaSinkOptions {
  /** "host:port" each; any of them leads to the whole cluster. */
  readonly brokers: readonly string[];
  readonly tls?: boolean;
  readonly sasl?: SASLOptions;
  readonly topicOf: (type: string) => string;
  /** How long the brokers may take to confirm a batch. */
  readonly timeLimitMs?: number;
}

/** Of a batch, far below the megabyte that brokers take by default. */
const MAX_BYTES = 512 * 1024;
const MAX_MESSAGES = 500;
/** How long a stop waits for what is under way. */
const CLOSE_MS = 2000;

/**
 * Publishes batches, each confirmed by all in-sync replicas before the next leaves. The key is the ledger, so that
 * its events meet in one partition. A batch that is sent again after a fault may stand there twice, never out of
 * order. The client's idempotent producer would prevent that, but it is experimental and stops for good once it has
 * lost count; consumers drop repeated ids anyway.
 */
export function kafkaSink(options: KafkaSinkOptions): Sink {
  const { brokers, tls = false, sasl, topicOf, timeLimitMs = 10_000 } = options;
  const kafka = new Kafka({
    clientId: "florin",
    brokers: [...brokers],
    ssl: tls,
    ...(sasl && { sasl }),
    connectionTimeout: timeLimitMs / 2,
    requestTimeout: timeLimitMs / 2,
    // A moved leader or fresh topic is found within these; what takes longer is tried again by whoever called us.
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 },
    logLevel: logLevel.NOTHING,
  });
  let opened: Promise<Producer> | null = null;

  function connected(): Promise<Producer> {
    if (opened === null) {
      const producer = kafka.producer({
        allowAutoTopicCreation: true,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      opened = producer.connect().then(() => producer);
    }
    return opened;
  }

  /** The next call begins with new connections. */
  function abandon(): void {
    const abandoned = opened;
    opened = null;
    abandoned?.then((producer) => producer.disconnect()).catch(() => {});
  }

  async function send(batch: readonly Message[], traceHeaders: TraceHeaders): Promise<void> {
    const records = new Map<string, KafkaMessage[]>();
    for (const { id, key, type, body } of batch) {
      const topic = topicOf(type);
      const ofTopic = records.get(topic) ?? [];
      records.set(topic, ofTopic);
      ofTopic.push({ key, value: body, headers: { id, type, ...traceHeaders } });
    }
    const producer = await connected();
    await producer.sendBatch({
      acks: -1,
      timeout: timeLimitMs,
      topicMessages: [...records].map(([topic, messages]) => ({ topic, messages })),
    });
  }

  return {
    name: "kafka",
    async publish(messages, traceHeaders = {}) {
      let delivered = 0;
      let size = MAX_MESSAGES;
      while (delivered < messages.length) {
        const batch = nextBatch(messages, delivered, size);
        try {
          await within(timeLimitMs, send(batch, traceHeaders));
          delivered += batch.length;
        } catch (error) {
          if (isTooLarge(error) && batch.length > 1) {
            size = Math.ceil(batch.length / 2);
            continue;
          }
          const [first] = batch;
          if (isTooLarge(error) && first) throw new Rejected(first.id, (error as Error).message);
          const topics = batch.map(({ type }) => topicOf(type));
          const answer = brokerSays(error, topics);
          if (answer === null) abandon();
          const reason = `Kafka: ${answer ?? (error as Error).message}`;
          throw new Deferred(reason, { cause: error, delivered });
        }
      }
    },
    async close() {
      await within(
        CLOSE_MS,
        opened?.then((producer) => producer.disconnect()),
      ).catch(() => {});
    },
  };
}

function nextBatch(messages: readonly Message[], from: number, size: number): readonly Message[] {
  let bytes = 0;
  let end = from;
  for (const { body } of messages.slice(from, from + size)) {
    bytes += Buffer.byteLength(body);
    if (end > from && bytes > MAX_BYTES) break;
    end += 1;
  }
  return messages.slice(from, end);
}
