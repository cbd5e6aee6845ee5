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
  const queue = createQueue({ maxWaiting: 100, maxWaitingBytes: 1e6 });
  for (let txid = 0n; txid < 25n; txid++) {
    void queue.add(request({ kind: "revert-transaction", txid }), undefined);
  }
  expect([1, 2, 3, 4].map(() => queue.take(1000).length)).toEqual([10, 10, 5, 0]);
});
