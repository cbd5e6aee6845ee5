import { expect, test } from "vitest";
import { eachPage } from "./eachPage.js";

/** All that `lists` bring, by the number of the page. */
async function readAll(
  lists: readonly (readonly string[])[],
  options: Parameters<typeof eachPage>[1],
) {
  const asked: number[] = [];
  const pages: string[] = [];
  const fetchPage = async (page: number) => {
    asked.push(page);
    return lists[page - options.first] ?? [];
  };
  for await (const page of eachPage(fetchPage, options)) pages.push(page.join());
  return { asked, pages };
}

test("pages are asked for until one is empty", async () => {
  expect(await readAll([["a", "b"], ["c"]], { first: 1 })).toEqual({
    ...{ asked: [1, 2, 3], pages: ["a,b", "c"] },
  });
});

test("where pages have a size, a smaller one is the last", async () => {
  expect(await readAll([["a", "b"], ["c"], ["d"]], { first: 0, full: 2 })).toEqual({
    ...{ asked: [0, 1], pages: ["a,b", "c"] },
  });
});

test("a provider that always shows the same page is not asked for ever", async () => {
  await expect(readAll([["a"], ["a"], ["a"]], { first: 1 })).rejects.toThrow(
    "page 2 is the same as the one before it",
  );
});
