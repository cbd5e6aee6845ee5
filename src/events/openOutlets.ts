import type { Outlet } from "./outlet.js";
import { httpSink } from "./sinks/http.js";
import { kafkaSink } from "./sinks/kafka.js";
import { natsSink } from "./sinks/nats.js";
import type { SASL_MECHANISMS } from "./targets.js";
import type { TopicOf } from "./topics.js";

/** Where events go: to each of these that is not null. */
export interface EventsConfig {
  readonly nats: { readonly servers: readonly string[] } | null;
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly tls: boolean;
    readonly sasl: {
      readonly mechanism: (typeof SASL_MECHANISMS)[number];
      readonly username: string;
      readonly password: string;
    } | null;
  } | null;
  readonly http: { readonly url: string; readonly secret: string } | null;
  readonly topicOf: TopicOf;
}

const MINUTE_MS = 60_000;

/** A broker that is down comes back, and then takes anything. */
const BROKER = { maxAttempts: Number.POSITIVE_INFINITY, maxWaitMs: 5 * MINUTE_MS };

/** Some events a receiver never takes. This gives it two to three hours. */
const RECEIVER = { maxAttempts: 20, maxWaitMs: 20 * MINUTE_MS };

/** Opens the sinks of `config`. They connect when there is something to publish. */
export function openOutlets({ nats, kafka, http, topicOf }: EventsConfig): Outlet[] {
  const outlets: Outlet[] = [];
  if (nats) outlets.push({ sink: natsSink({ ...nats, topicOf }), ...BROKER });
  if (kafka) {
    const { sasl, ...others } = kafka;
    outlets.push({ sink: kafkaSink({ ...others, ...(sasl && { sasl }), topicOf }), ...BROKER });
  }
  if (http) outlets.push({ sink: httpSink({ ...http, topicOf }), ...RECEIVER });
  return outlets;
}
