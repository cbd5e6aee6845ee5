import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Command, Request } from "../domain/command.js";
import { createQueue } from "./queue.js";

const request = (command: Command): Request => ({
  command,
  isPreview: false,
  idempotency: null,
  actor: null,
});

test("few reverts go together: each reads back a transaction of any size", () => {
  const queue = createQueue({ maxWaiting: 100, maxWaitingBytes: 1e6, maxWaitMs: 500 });
  for (let txid = 0n; txid < 25n; txid++) {
    void queue.add(request({ kind: "revert-transaction", txid }), undefined);
  }
  expect([1, 2, 3, 4].map(() => queue.take(1000).length)).toEqual([10, 10, 5, 0]);
});

const payment = request({ kind: "revert-transaction", txid: 0n });

test("nobody joins a queue in which the first one has waited too long", async () => {
  const queue = createQueue({ maxWaiting: 100, maxWaitingBytes: 1e6, maxWaitMs: 1 });
  void queue.add(payment, undefined);
  await expect.poll(() => queue.hasRoom(0)).toBe(false);
  expect(queue.add(payment, undefined)).toBeNull();
  queue.take(1000);
  expect(queue.hasRoom(0)).toBe(true);
});

test.each([
  { maxWaitMs: 50, isFull: true },
  { maxWaitMs: 60_000, isFull: false },
])("a queue that moved slowly takes what it can move in $maxWaitMs ms", async (it) => {
  const queue = createQueue({ maxWaiting: 100, maxWaitingBytes: 1e6, maxWaitMs: it.maxWaitMs });
  for (let n = 0; n < 5; n++) void queue.add(payment, undefined);
  queue.take(1000);
  await sleep(100);
  queue.done();
  for (let n = 0; n < 50; n++) void queue.add(payment, undefined);
  expect(queue.hasRoom(0)).toBe(!it.isFull);
});

test("a queue that was slow once takes as much as ever when it is fast again, however little that brings at first", async () => {
  const queue = createQueue({ maxWaiting: 1000, maxWaitingBytes: 1e6, maxWaitMs: 50 });
  for (let n = 0; n < 5; n++) void queue.add(payment, undefined);
  queue.take(1000);
  await sleep(200);
  queue.done();
  const small = request({ kind: "set-metadata", target: { account: "a" }, metadata: {} });
  const fill = () => {
    while (queue.add(small, undefined) !== null);
    return queue.take(1000).length;
  };
  expect(fill()).toBeLessThan(500);
  queue.done();
  expect(fill()).toBe(1000);
});
