import { expect, test } from "vitest";
import type { Message } from "../../src/events/message.js";
import { request, testLedger, transaction } from "../ledger/support.js";
import { eventually } from "../support/eventually.js";
import { memorySink, outletOf, publisherOf } from "./support.js";

const KILOBYTE = "x".repeat(1024);

test("many events of one commit are sent in small chunks, and go on in the middle of it", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const metadata = { text: KILOBYTE.repeat(100) };
  let mayPass = 25;
  const sink = memorySink("memory", () => (mayPass-- > 0 ? "take" : "defer"));
  const chunks: (readonly Message[])[] = [];
  const watched = {
    ...sink,
    publish(messages: readonly Message[]) {
      chunks.push(messages);
      return sink.publish(messages);
    },
  };
  await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      ledger.write(
        "main",
        request({ kind: "set-metadata", target: { account: `users:${index}` }, metadata }),
      ),
    ),
  );
  const { rows } = await ledger.db.raw("/* test */ select id from outbox");
  expect(rows.length).toBeLessThan(5);

  // Known from before the writes, so that it is owed them.
  await ledger.db("sinks").insert({ name: "memory" });
  const { stop } = await publisherOf(ledger.db, [outletOf(watched, { maxWaitMs: 60_000 })]);
  await eventually(async () => {
    const cursor = await ledger.db("event_cursors").where({ ledger: 1, sink: "memory" }).first();
    expect(cursor?.attempts).toBe(1);
  });
  await stop();
  expect(sink.taken).toHaveLength(25);

  mayPass = 100;
  await ledger.db("event_cursors").where({ ledger: 1 }).update({ retry_at: null });
  await publisherOf(ledger.db, [outletOf(watched)]);
  await eventually(() => expect(sink.taken).toHaveLength(60));
  expect(sink.taken.map(({ id }) => id)).toEqual(
    Array.from({ length: 60 }, (_, log) => `main:${log}:SAVED_METADATA`),
  );
  for (const chunk of chunks) {
    expect(chunk.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(1.2 * 1024 * 1024);
  }
});

test("a batch of 32 MiB is one event, and those around it are not held up", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const sink = memorySink("memory");
  await publisherOf(ledger.db, [outletOf(sink)]);
  await ledger.write("main", transaction("world > users:1 1 COIN"));
  const transactions = Array.from({ length: 4096 }, (_, index) => ({
    postings: [{ source: "world", destination: `users:${index}`, asset: "COIN", amount: 1n }],
    reference: null,
    metadata: { text: KILOBYTE.repeat(8) },
    timestamp: null,
  }));
  await ledger.write("main", request({ kind: "create-transactions", transactions }));
  await ledger.write("main", transaction("world > users:1 1 COIN"));
  await eventually(() => expect(sink.taken).toHaveLength(3), 60_000);
  const [, batch, last] = sink.taken;
  expect(batch?.body.length).toBeGreaterThan(32 * 1024 * 1024);
  const { payload } = JSON.parse(batch?.body ?? "");
  expect(payload.transactions).toHaveLength(4096);
  expect(payload.transactions[4095]).toMatchObject({ txid: 4096 });
  expect(payload.preCommitVolumes.world.COIN).toEqual({ input: 0, output: 1, balance: -1 });
  expect(payload.postCommitVolumes.world.COIN.output).toBe(4097);
  expect(last?.id).toBe("main:4097:COMMITTED_TRANSACTIONS");
}, 90_000);
