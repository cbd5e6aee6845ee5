import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { interruptible } from "./interruptible.js";

async function* upTo(count: number) {
  for (let item = 0; item < count; item++) yield item;
}

async function* silent() {
  yield 0;
  await new Promise(() => {});
}

const readerOf = (items: AsyncIterable<number>) => items[Symbol.asyncIterator]();

test("the signal ends the wait for an item with its reason, and nothing comes after that", async () => {
  const stop = new AbortController();
  const reader = readerOf(interruptible(silent(), stop.signal));
  expect((await reader.next()).value).toBe(0);
  const next = reader.next();
  stop.abort(new Error("stop"));
  await expect(next).rejects.toThrow("stop");
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("a signal that aborts between two items fails the next one", async () => {
  const stop = new AbortController();
  const reader = readerOf(interruptible(upTo(3), stop.signal));
  await reader.next();
  stop.abort(new Error("stop"));
  await expect(reader.next()).rejects.toThrow("stop");
});

test("however it ends, that is told once, and the signal has no listener any more", async () => {
  for (const end of ["itself", "leaving", "signal"]) {
    const stop = new AbortController();
    let ends = 0;
    const items = interruptible(upTo(2), stop.signal, () => {
      ends += 1;
    });
    const reader = readerOf(items);
    await reader.next();
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(1);
    if (end === "leaving") await reader.return?.();
    if (end === "signal") stop.abort();
    await reader.next().catch(() => {});
    await reader.next();
    expect(ends).toBe(1);
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  }
});

test("a source is told to stop when the signal aborts, even if nobody waits for it", async () => {
  const stop = new AbortController();
  let isStopped = false;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: 0 }),
      async return() {
        isStopped = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  await readerOf(interruptible(source, stop.signal)).next();
  stop.abort();
  expect(isStopped).toBe(true);
});
