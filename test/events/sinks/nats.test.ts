import { jetstreamManager, type StreamAPI } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Deferred, type Message, Rejected, type Sink } from "../../../src/events/message.js";
import { natsSink } from "../../../src/events/sinks/nats.js";
import { hasNatsServer, type NatsServer, startNats } from "../../support/natsServer.js";
import { failureOf, idsOf, messagesOf } from "./messages.js";

/** A sink whose topics are the event types; closed with the test. */
function sinkTo(servers: readonly string[], timeLimitMs = 10_000): Sink {
  const sink = natsSink({ servers, topicOf: (type) => type, timeLimitMs });
  onTestFinished(() => sink.close());
  return sink;
}

/** Publishes until everything is there, as the publisher of events does. */
const insist = (sink: Sink, messages: readonly Message[]) =>
  vi.waitFor(() => sink.publish(messages), { timeout: 15_000, interval: 20 });

async function streamsOf({ host }: NatsServer): Promise<StreamAPI> {
  const nats = await connect({ servers: host });
  onTestFinished(() => nats.close());
  return (await jetstreamManager(nats)).streams;
}

describe.skipIf(!hasNatsServer)("a real NATS server", () => {
  test("keeps messages in order, each once, in a stream that is made for them", async () => {
    const server = await startNats();
    const sink = sinkTo([`nats://${server.host}`]);
    const messages = messagesOf("main", 1000);
    await sink.publish(messages);
    await sink.publish(messages.slice(-300));

    const stored = await server.stored("florin");
    expect(idsOf(stored)).toEqual(idsOf(messages));
    expect(stored[7]).toEqual({
      id: "main:7:COMMITTED_TRANSACTIONS",
      subject: "COMMITTED_TRANSACTIONS",
      body: '{"number":7}',
    });
  });

  test("consumers are told of the trace, and still of the message's id", async () => {
    const server = await startNats();
    const sink = sinkTo([server.host]);
    const messages = messagesOf("main", 3);
    const others = messages.slice(1);
    // Makes the stream.
    await sink.publish(messages.slice(0, 1));
    const nats = await connect({ servers: server.host });
    onTestFinished(() => nats.close());
    const heard = nats.subscribe("COMMITTED_TRANSACTIONS", { max: 2 });
    await nats.flush();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await sink.publish(others, { traceparent });
    const told: unknown[] = [];
    for await (const { headers } of heard)
      told.push([headers?.get("Nats-Msg-Id"), headers?.get("traceparent")]);
    expect(told).toEqual(others.map(({ id }) => [id, traceparent]));
  });

  test("keeps messages that only a plain subscriber heard, in a stream that is made for them", async () => {
    const server = await startNats();
    const nats = await connect({ servers: server.host });
    onTestFinished(() => nats.close());
    nats.subscribe("COMMITTED_TRANSACTIONS");
    await nats.flush();
    const sink = sinkTo([server.host], 300);
    const messages = messagesOf("main", 3);
    await sink.publish(messages);
    expect(idsOf(await server.stored("florin"))).toEqual(idsOf(messages));
  });

  test.each([
    [
      "may not ask",
      'permissions: { publish: ["COMMITTED_TRANSACTIONS"] }',
      "Permissions Violation",
    ],
    ["has no JetStream", "", "jetstream is not enabled"],
  ])(
    "says what to do where a plain subscriber listens and Florin %s",
    async (_, rights, reason) => {
      const users = `authorization { users: [
      { user: florin, password: p, ${rights} }
      { user: admin, password: p }
    ] }`;
      const server = await startNats(`${users}${rights === "" ? "\njetstream: disabled" : ""}`);
      const nats = await connect({ servers: server.host, user: "admin", pass: "p" });
      onTestFinished(() => nats.close());
      nats.subscribe("COMMITTED_TRANSACTIONS");
      await nats.flush();
      const sink = sinkTo([`nats://florin:p@${server.host}`], 300);
      const failure = await failureOf(sink, messagesOf("main", 2));
      expect(failure).toBeInstanceOf(Deferred);
      expect(failure.message).toMatch(
        new RegExp(
          `no stream takes the subject "COMMITTED_TRANSACTIONS".*${reason}.*Create a stream with that subject`,
          "i",
        ),
      );
    },
  );

  test("widens the stream for every further subject", async () => {
    const server = await startNats();
    const sink = sinkTo([server.host]);
    const types = ["COMMITTED_TRANSACTIONS", "SAVED_METADATA", "COMMITTED_TRANSACTIONS"];
    const messages = messagesOf("main", 3);
    await sink.publish(
      messages.map((message, index) => ({ ...message, type: types[index] ?? "" })),
    );

    const stored = await server.stored("florin");
    expect(stored.map(({ subject }) => subject)).toEqual(types);
    expect(idsOf(stored)).toEqual(idsOf(messages));
  });

  test("a refused message lets none of those behind it pass", async () => {
    const server = await startNats();
    const streams = await streamsOf(server);
    await streams.add({ name: "small", subjects: ["COMMITTED_TRANSACTIONS"], max_msg_size: 400 });
    const sink = sinkTo([server.host]);
    const messages = messagesOf("main", 20).map((message, index) =>
      index === 4 ? { ...message, body: "x".repeat(400) } : message,
    );

    const failure = await failureOf(sink, messages);
    expect(failure).toBeInstanceOf(Rejected);
    expect(failure).toMatchObject({ messageId: messages[4]?.id });
    expect(idsOf(await server.stored("small"))).toEqual(idsOf(messages.slice(0, 4)));
  });

  test("a message over the server's limit is rejected for good, and those behind it wait", async () => {
    const server = await startNats("max_payload: 1000");
    const sink = sinkTo([server.host]);
    await sink.publish(messagesOf("other", 1));
    const messages = messagesOf("main", 6).map((message, index) =>
      index === 3 ? { ...message, body: "x".repeat(1000) } : message,
    );

    const failure = await failureOf(sink, messages);
    expect(failure).toBeInstanceOf(Rejected);
    expect(failure).toMatchObject({ messageId: messages[3]?.id });
    expect(idsOf(await server.stored("florin")).slice(1)).toEqual(idsOf(messages.slice(0, 3)));
  });

  test("a full stream holds events back, in order, until it has room", async () => {
    const server = await startNats();
    const streams = await streamsOf(server);
    const sink = sinkTo([server.host]);
    const messages = messagesOf("main", 20);
    await sink.publish(messages.slice(0, 1));
    await streams.update("florin", { max_msgs: 7 });

    const failure = await failureOf(sink, messages.slice(1));
    expect(failure).toBeInstanceOf(Deferred);
    expect(failure).toMatchObject({
      delivered: 6,
      message: expect.stringMatching(/maximum messages/),
    });
    await streams.update("florin", { max_msgs: 100 });
    await sink.publish(messages.slice(7));
    expect(idsOf(await server.stored("florin"))).toEqual(idsOf(messages));
  });

  test("two processes that write to one stream keep the order of each ledger", async () => {
    const server = await startNats();
    const sinks = [sinkTo([server.host]), sinkTo([server.host])] as const;
    const ours = messagesOf("ours", 1500);
    const theirs = messagesOf("theirs", 1500);
    // Both are connected: else one may be through before the other begins.
    await sinks[0].publish(ours.slice(0, 1));
    await sinks[1].publish(theirs.slice(0, 1));
    await Promise.all([sinks[0].publish(ours), insist(sinks[1], theirs)]);

    const stored = idsOf(await server.stored("florin"));
    expect(stored.filter((id) => id.startsWith("ours"))).toEqual(idsOf(ours));
    expect(stored.filter((id) => id.startsWith("theirs"))).toEqual(idsOf(theirs));
    // They did meet.
    expect(stored.indexOf(theirs[1]?.id ?? "")).toBeLessThan(1500);
  });

  test("ledgers that share a connection pass side by side, each in its order", async () => {
    const server = await startNats();
    const sink = sinkTo([server.host]);
    const ledgers = ["a", "b", "c"].map((ledger) => messagesOf(ledger, 600));
    await sink.publish(messagesOf("first", 1));
    await Promise.all(ledgers.map((messages) => sink.publish(messages)));

    const stored = idsOf(await server.stored("florin"));
    for (const messages of ledgers) {
      const ids = idsOf(messages);
      expect(stored.filter((id) => ids.includes(id))).toEqual(ids);
    }
  });

  test("a server that is killed and comes back has everything, in order, once", async () => {
    const server = await startNats();
    const sink = sinkTo([server.host]);
    const messages = messagesOf("main", 4000);
    await sink.publish(messages.slice(0, 100));
    const interrupted = failureOf(sink, messages.slice(100));
    await server.signal("SIGKILL");

    const failure = await interrupted;
    expect(failure).toBeInstanceOf(Deferred);
    expect(failure.message).toMatch(/closed/);
    expect(await failureOf(sink, messages.slice(100))).toMatchObject({ delivered: 0 });
    await server.start();
    await insist(sink, messages.slice(100));
    expect(idsOf(await server.stored("florin"))).toEqual(idsOf(messages));
  });

  test("a server that stops answering is a passing fault, and repeats nothing once it answers again", async () => {
    const server = await startNats();
    const sink = sinkTo([server.host], 500);
    const messages = messagesOf("main", 600);
    await sink.publish(messages.slice(0, 100));
    await server.signal("SIGSTOP");

    expect((await failureOf(sink, messages.slice(100))).message).toBe("NATS: timeout");
    // The connection was given up; a new one gets no greeting.
    const silent = await failureOf(sink, messages.slice(100));
    expect(silent.message).toMatch(/says nothing within 500 ms/);
    await server.signal("SIGCONT");
    await insist(sink, messages.slice(100));
    expect(idsOf(await server.stored("florin"))).toEqual(idsOf(messages));
  });

  test("a server that starts later gets what was waiting", async () => {
    const server = await startNats();
    await server.signal("SIGTERM");
    const sink = sinkTo([server.host]);
    const messages = messagesOf("main", 3);
    const failure = await failureOf(sink, messages);
    expect(failure).toBeInstanceOf(Deferred);
    expect(failure.message).toMatch(/ECONNREFUSED/);

    await server.start();
    await sink.publish(messages);
    expect(idsOf(await server.stored("florin"))).toEqual(idsOf(messages));
  });

  test("of several servers, one that answers is enough", async () => {
    const [gone, server] = [await startNats(), await startNats()];
    await gone.signal("SIGSTOP");
    const sink = sinkTo([gone.host, server.host], 2000);
    await sink.publish(messagesOf("main", 2));
    expect(await server.stored("florin")).toHaveLength(2);
  });

  test("logs in with the user and password of the URL", async () => {
    const server = await startNats('authorization { user: "flor in", password: "p@ss/word" }');
    const messages = messagesOf("main", 2);
    const refused = await failureOf(sinkTo([`nats://flor%20in:wrong@${server.host}`]), messages);
    expect(refused).toBeInstanceOf(Deferred);
    expect(refused.message).toMatch(/Authorization Violation/i);

    await sinkTo([`nats://flor%20in:p%40ss%2Fword@${server.host}`]).publish(messages);
    expect(await server.stored("florin", { user: "flor in", pass: "p@ss/word" })).toHaveLength(2);
  });

  test("logs in with the token of the URL", async () => {
    const server = await startNats('authorization { token: "s3cret" }');
    await sinkTo([`nats://s3cret@${server.host}`]).publish(messagesOf("main", 2));
    expect(await server.stored("florin", { token: "s3cret" })).toHaveLength(2);
  });

  test("checks the server's certificate", async () => {
    const server = await startNats(`tls {
      cert_file: "test/support/tls/first.crt"
      key_file: "test/support/tls/first.key"
    }`);
    const refused = await failureOf(sinkTo([`tls://${server.host}`]), messagesOf("main", 1));
    expect(refused).toBeInstanceOf(Deferred);
    expect(refused.message).toMatch(/certificate/i);
  });

  test("without the right to make a stream it says what to do, and goes on when that is done", async () => {
    const users = `authorization { users: [
      { user: florin, password: p, permissions: { publish: ["COMMITTED_TRANSACTIONS"] } }
      { user: admin, password: p }
    ] }`;
    const server = await startNats(users);
    const sink = sinkTo([`nats://florin:p@${server.host}`], 1000);
    const messages = messagesOf("main", 2);
    const failure = await failureOf(sink, messages);
    expect(failure).toBeInstanceOf(Deferred);
    expect(failure.message).toMatch(
      /no stream takes the subject "COMMITTED_TRANSACTIONS".*Create a stream with that subject/,
    );

    const admin = { user: "admin", pass: "p" };
    const nats = await connect({ servers: server.host, ...admin });
    await (await jetstreamManager(nats)).streams.add({
      name: "theirs",
      subjects: ["COMMITTED_TRANSACTIONS"],
    });
    await nats.close();
    await sink.publish(messages);
    expect(idsOf(await server.stored("theirs", admin))).toEqual(idsOf(messages));
  });
});
