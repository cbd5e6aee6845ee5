import { expect, test } from "vitest";
import { iterating } from "./iterating.js";

async function* upTo(count: number, onLeft = () => {}) {
  try {
    for (let item = 0; item < count; item++) yield item;
  } finally {
    onLeft();
  }
}

async function* failing() {
  yield 1;
  throw new Error("broken");
}

async function readAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

test("each item is changed, and the end is told once", async () => {
  let ends = 0;
  const onEnd = () => {
    ends += 1;
  };
  const items = iterating(upTo(3), { each: (item) => item * 2, onEnd });
  expect(await readAll(items)).toEqual([0, 2, 4]);
  expect(ends).toBe(1);
});

test("a failure is passed on, made another, or the end", async () => {
  const rename = () => {
    throw new Error("renamed");
  };
  const on = (onError?: () => void) =>
    readAll(iterating(failing(), { ...(onError && { onError }) }));
  await expect(on()).rejects.toThrow("broken");
  await expect(on(rename)).rejects.toThrow("renamed");
  expect(await on(() => {})).toEqual([1]);
});

test("whoever leaves, or fails at an item, ends the source", async () => {
  let left = 0;
  const source = () =>
    upTo(3, () => {
      left += 1;
    });
  for await (const _ of iterating(source(), {})) break;
  expect(left).toBe(1);
  const fail = () => {
    throw new Error("no good");
  };
  await expect(readAll(iterating(source(), { each: fail }))).rejects.toThrow("no good");
  await expect.poll(() => left).toBe(2);
});
