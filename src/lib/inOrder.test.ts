import { expect, test } from "vitest";
import { inOrder } from "./inOrder.js";

const WIDE = { most: 1000, mostBytes: 1000 };

async function* upTo(count: number, asked: number[] = []) {
  for (let item = 0; item < count; item++) {
    asked.push(item);
    yield item;
  }
}

/** Work whose end the test decides, by item. */
function handwork() {
  const ends = new Map<number, (error?: Error) => void>();
  return {
    ends,
    begin: async (item: number) => ({
      bytes: 10,
      result: new Promise<number>((resolve, reject) => {
        ends.set(item, (error) => (error ? reject(error) : resolve(item)));
      }),
    }),
  };
}

test("results come in the order of the items, in whatever order the work is done", async () => {
  const { ends, begin } = handwork();
  const results = inOrder(upTo(3), begin, WIDE);
  const first = results.next();
  await expect.poll(() => ends.size).toBe(3);
  for (const item of [2, 1, 0]) ends.get(item)?.();
  const given: number[] = [(await first).value];
  for await (const result of results) given.push(result);
  expect(given).toEqual([0, 1, 2]);
});

test.each([
  ["items", { most: 2, mostBytes: 1000 }],
  ["bytes", { most: 1000, mostBytes: 20 }],
])(
  "no more is begun than the window of %s holds until a result is taken",
  async (_what, window) => {
    const { ends, begin } = handwork();
    const asked: number[] = [];
    const results = inOrder(upTo(5, asked), begin, window);
    const first = results.next();
    await expect.poll(() => ends.size).toBe(2);
    ends.get(0)?.();
    expect((await first).value).toBe(0);
    await new Promise(setImmediate);
    expect(asked).toEqual([0, 1]);
    const second = results.next();
    await expect.poll(() => asked).toEqual([0, 1, 2]);
    ends.get(1)?.();
    await second;
  },
);

test("when the items fail, what was begun is still answered", async () => {
  async function* failing() {
    yield* upTo(2);
    throw new Error("no more items");
  }
  const { ends, begin } = handwork();
  const results = inOrder(failing(), begin, WIDE);
  const first = results.next();
  await expect.poll(() => ends.size).toBe(2);
  for (const end of ends.values()) end();
  expect([(await first).value, (await results.next()).value]).toEqual([0, 1]);
  await expect(results.next()).rejects.toThrow("no more items");
});

test("work that fails is thrown in its turn, and whoever leaves ends the items", async () => {
  const { ends, begin } = handwork();
  let isReturned = false;
  async function* items() {
    try {
      yield* upTo(1000);
    } finally {
      isReturned = true;
    }
  }
  const results = inOrder(items(), begin, { ...WIDE, most: 3 });
  const first = results.next();
  await expect.poll(() => ends.size).toBe(3);
  ends.get(1)?.(new Error("broken"));
  ends.get(2)?.(new Error("nobody sees this"));
  ends.get(0)?.();
  expect((await first).value).toBe(0);
  await expect(results.next()).rejects.toThrow("broken");
  await expect.poll(() => isReturned).toBe(true);
});
