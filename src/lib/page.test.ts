import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyPage, type Position, type Read, readPage } from "./page.js";

/** Reads from `keys`, which are one character each. */
const readFrom =
  (keys: readonly string[]): Read<string> =>
  async (position, limit) => {
    const sorted = [...keys].sort();
    if (position && "from" in position)
      return sorted.filter((key) => key >= position.from).slice(0, limit);
    const below = sorted.filter((key) => position === null || key < position.below);
    return below.reverse().slice(0, limit);
  };

const page = (keys: readonly string[], pageSize: number, position: Position | null) =>
  readPage(readFrom(keys), { pageSize, position }, (key) => key);

test("the first page begins at the top", async () => {
  expect(await page([..."abcde"], 2, null)).toEqual({
    pageSize: 2,
    data: ["e", "d"],
    previous: null,
    next: { below: "d" },
  });
});

test("a page that ends with the list has no next one", async () => {
  expect(await page([..."abcd"], 2, { below: "c" })).toEqual({
    pageSize: 2,
    data: ["b", "a"],
    previous: { from: "c" },
    next: null,
  });
});

test("a page read upwards is shown downwards", async () => {
  expect(await page([..."abcde"], 2, { from: "b" })).toEqual({
    pageSize: 2,
    data: ["c", "b"],
    previous: { from: "d" },
    next: { below: "b" },
  });
});

test("a page above or below everything has one neighbour", async () => {
  const empty = { pageSize: 2, data: [] };
  expect(await page([..."bc"], 2, { below: "b" })).toEqual({
    ...empty,
    previous: { from: "b" },
    next: null,
  });
  expect(await page([..."bc"], 2, { from: "d" })).toEqual({
    ...empty,
    previous: null,
    next: { below: "d" },
  });
});

test("a page of nothing is empty", async () => {
  const slice = { pageSize: 2, position: null };
  expect(await page([], 2, null)).toEqual(emptyPage(slice));
});

const keys = fc.uniqueArray(fc.constantFrom(..."abcdefghijklmnop"));
const size = fc.integer({ min: 1, max: 5 });

test("next pages put together are the list, and previous pages lead back up", async () => {
  await fc.assert(
    fc.asyncProperty(keys, size, async (list, pageSize) => {
      const down = [await page(list, pageSize, null)];
      for (let next = down[0]?.next; next; next = down.at(-1)?.next)
        down.push(await page(list, pageSize, next));
      expect(down.flatMap(({ data }) => data)).toEqual([...list].sort().reverse());
      for (const [index, { previous }] of down.entries()) {
        const before = down[index - 1];
        if (before === undefined) expect(previous).toBeNull();
        else expect((await page(list, pageSize, previous)).data).toEqual(before.data);
      }
    }),
  );
});

test("wherever a page lies, its neighbours are there exactly if they hold something", async () => {
  const position = fc
    .tuple(fc.constantFrom(..."abcdefghijklmnop"), fc.boolean())
    .map(([key, up]) => (up ? { from: key } : { below: key }));
  await fc.assert(
    fc.asyncProperty(keys, size, position, async (list, pageSize, place) => {
      const { data, previous, next } = await page(list, pageSize, place);
      const above = previous && (await page(list, pageSize, previous)).data;
      const below = next && (await page(list, pageSize, next)).data;
      expect(above).not.toEqual([]);
      expect(below).not.toEqual([]);
      const around = [...(above ?? []), ...data, ...(below ?? [])];
      expect([...list].sort().reverse().join("")).toContain(around.join(""));
    }),
  );
});
