import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { Deferred, type Message, Rejected, type Sink } from "../../../src/events/message.js";
import { type KafkaSinkOptions, kafkaSink } from "../../../src/events/sinks/kafka.js";
import { type KafkaBroker, PASSWORD, startKafka } from "../../support/kafkaBroker.js";
import { kafka } from "../../support/kafkaJars.js";
import { failureOf, idsOf, messagesOf } from "./messages.js";

/** A sink whose topic is always `topic`; closed with the test. */
function sinkTo(broker: string, topic: string, options: Partial<KafkaSinkOptions> = {}): Sink {
  const sink = kafkaSink({ brokers: [broker], topicOf: () => topic, ...options });
  onTestFinished(() => sink.close());
  return sink;
}

/** Publishes until everything is there, as the publisher of events does. */
const insist = (sink: Sink, messages: readonly Message[]) =>
  vi.waitFor(() => sink.publish(messages), { timeout: 60_000, interval: 20 });

/** First occurrences: what a consumer that drops repeated ids works with. */
const distinct = (ids: readonly string[]): string[] => [...new Set(ids)];

const missing = "missing" in kafka ? kafka.missing : null;
const name = `a real Kafka broker${missing === null ? "" : ` (skipped: ${missing})`}`;

describe.skipIf(missing !== null)(name, { timeout: 120_000 }, () => {
  let broker: KafkaBroker;

  beforeAll(async () => {
    broker = await startKafka();
    return () => broker.close();
  }, 120_000);

  test("keeps the order of a ledger in one partition, with ids and types as headers", async () => {
    const sink = sinkTo(broker.plain, "order");
    const ledgers = [messagesOf("main", 1200), messagesOf("other", 1200)];
    await Promise.all(ledgers.map((messages) => insist(sink, messages)));

    const received = await broker.received("order");
    for (const messages of ledgers) {
      const records = received.filter(({ key }) => key === messages[0]?.key);
      expect(distinct(idsOf(records))).toEqual(idsOf(messages));
      expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    }
    expect(received.find(({ id }) => id === "main:7:COMMITTED_TRANSACTIONS")).toMatchObject({
      key: "main",
      type: "COMMITTED_TRANSACTIONS",
      body: '{"number":7}',
    });
  });

  test("consumers are told of the trace", async () => {
    const sink = sinkTo(broker.plain, "traced");
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const messages = messagesOf("main", 1);
    await vi.waitFor(() => sink.publish(messages, { traceparent }), { timeout: 60_000 });
    const [record] = await broker.received("traced");
    expect(record).toMatchObject({ id: messages[0]?.id, traceparent });
  });

  test("sends each type to its topic", async () => {
    const sink = kafkaSink({ brokers: [broker.plain], topicOf: (type) => `types-${type}` });
    onTestFinished(() => sink.close());
    const [first, second] = messagesOf("main", 2) as [Message, Message];
    await insist(sink, [first, { ...second, type: "SAVED_METADATA" }]);
    const received = async (topic: string) => distinct(idsOf(await broker.received(topic)));
    expect(await received("types-COMMITTED_TRANSACTIONS")).toEqual([first.id]);
    expect(await received("types-SAVED_METADATA")).toEqual([second.id]);
  });

  test("rejects for good only the message that is too large for the topic", async () => {
    const limit = [{ name: "max.message.bytes", value: "2000" }];
    await broker.admin.createTopics({ topics: [{ topic: "tight", configEntries: limit }] });
    const sink = sinkTo(broker.plain, "tight");
    // Together they are too large as well.
    const messages = messagesOf("main", 40).map((message, index) =>
      index === 25 ? { ...message, body: "x".repeat(2000) } : message,
    );
    const failure = await failureOf(sink, messages);
    expect(failure).toBeInstanceOf(Rejected);
    expect(failure).toMatchObject({ messageId: messages[25]?.id });
    expect(idsOf(await broker.received("tight"))).toEqual(idsOf(messages.slice(0, 25)));

    await sink.publish(messages.slice(26));
    expect(await broker.received("tight")).toHaveLength(39);
  });

  test.each(["plain", "scram-sha-256"] as const)("logs in by %s", async (mechanism) => {
    const login = (password: string) => ({ sasl: { mechanism, username: "florin", password } });
    const messages = messagesOf("main", 2);
    const refused = await failureOf(sinkTo(broker.sasl, mechanism, login("wrong")), messages);
    expect(refused).toBeInstanceOf(Deferred);
    expect(refused.message).toMatch(/authentication failed/i);

    await insist(sinkTo(broker.sasl, mechanism, login(PASSWORD)), messages);
    expect(distinct(idsOf(await broker.received(mechanism)))).toEqual(idsOf(messages));
  });

  test("checks the broker's certificate", async () => {
    const sink = sinkTo(broker.tls, "tls", { tls: true });
    const refused = await failureOf(sink, messagesOf("main", 1));
    expect(refused).toBeInstanceOf(Deferred);
    expect(refused.message).toMatch(/certificate/i);
  });

  test("a broker that stops answering is a passing fault, and order survives it", async () => {
    const sink = sinkTo(broker.plain, "silent", { timeLimitMs: 2000 });
    const messages = messagesOf("main", 300);
    await insist(sink, messages.slice(0, 100));
    await broker.signal("SIGSTOP");
    const failure = await failureOf(sink, messages.slice(100));
    await broker.signal("SIGCONT");

    expect(failure).toBeInstanceOf(Deferred);
    expect(failure).toMatchObject({
      delivered: 0,
      message: "Kafka: no answer within 2000 ms",
    });
    await insist(sink, messages.slice(100));
    expect(distinct(idsOf(await broker.received("silent")))).toEqual(idsOf(messages));
  });

  test("a broker that is killed and comes back has everything, in order", async () => {
    const sink = sinkTo(broker.plain, "killed", { timeLimitMs: 3000 });
    const messages = messagesOf("main", 6000);
    await insist(sink, messages.slice(0, 100));
    const interrupted = failureOf(sink, messages.slice(100)) as Promise<Deferred>;
    await broker.signal("SIGKILL");

    const failure = await interrupted;
    expect(failure).toBeInstanceOf(Deferred);
    const late = sinkTo(broker.plain, "late");
    expect((await failureOf(late, messagesOf("main", 1))).message).toMatch(/ECONNREFUSED/);
    await broker.start();
    await insist(late, messagesOf("main", 1));
    await insist(sink, messages.slice(100 + failure.delivered));
    expect(distinct(idsOf(await broker.received("killed")))).toEqual(idsOf(messages));
  });

  test("where topics must be made by hand, it says so and goes on once that is done", async () => {
    const strict = await startKafka("auto.create.topics.enable=false");
    onTestFinished(() => strict.close());
    const sink = sinkTo(strict.plain, "by-hand");
    const messages = messagesOf("main", 2);
    const failure = await failureOf(sink, messages);
    expect(failure).toBeInstanceOf(Deferred);
    expect(failure.message).toMatch(/topic "by-hand" does not exist.*create it/);

    await strict.admin.createTopics({ topics: [{ topic: "by-hand" }] });
    await insist(sink, messages);
    expect(distinct(idsOf(await strict.received("by-hand")))).toEqual(idsOf(messages));
  });
});
