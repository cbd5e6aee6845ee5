import { expect, test } from "vitest";
import { heapBytes } from "../../../test/support/heapBytes.js";
import { type Entry, link } from "../domain/log.js";
import { NO_MAPPING } from "../domain/mapping.js";
import { EMPTY_HEAD, newState } from "../domain/state.js";
import type { Batch } from "../store/saveBatch.js";
import { type Cache, remember } from "./cache.js";
import { recent } from "./recent.js";

test("the last log of a ledger keeps nothing of the request that wrote it", () => {
  const before = heapBytes();
  const caches = Array.from({ length: 50 }, (_, at) => {
    const body = Buffer.alloc(1_000_000, `customers:account:${at};`).toString();
    const lastLog = link(null, 0n, note(body.slice(0, body.indexOf(";"))));
    const state = newState({ ...EMPTY_HEAD, nextLogId: 1n, lastLog });
    return remember(emptyCache(), state, NOTHING_SAVED);
  });
  expect(heapBytes() - before).toBeLessThan(10_000_000);
  const { head } = caches[42] as Cache;
  expect(head).toEqual({
    ...EMPTY_HEAD,
    nextLogId: 1n,
    lastLog: link(null, 0n, note("customers:account:42")),
  });
});

const note = (account: string): Entry => ({
  type: "SET_METADATA",
  date: 0n,
  target: { account },
  metadata: { 'a "quoted" key': "\u00e9\ud83d\ude00" },
});

const emptyCache = (): Cache => ({
  ledger: 1,
  head: EMPTY_HEAD,
  mapping: NO_MAPPING,
  nextAccount: 1n,
  accountIds: recent(10),
  volumes: recent(10),
});

/** The rest of a batch is not looked at. */
const NOTHING_SAVED = { nextAccount: 1n, effects: { volumes: new Map() } } as unknown as Batch;
