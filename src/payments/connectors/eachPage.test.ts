import { expect, test } from "vitest";
import { ProviderError } from "./connector.js";
import { eachPage } from "./eachPage.js";

/** What a provider answers for a page: items, nothing more after them, or an error. */
type Shown = string | { readonly last: string } | Error;

/** Reads what a provider shows by the number of the page, from page 1 on; what is not there is empty. */
async function read(shown: Readonly<Record<number, Shown>>, state?: object) {
  const asked: number[] = [];
  const pages: string[] = [];
  let left = state;
  const fetchPage = async (page: number) => {
    asked.push(page);
    const it = shown[page] ?? "";
    if (it instanceof Error) throw it;
    const text = typeof it === "string" ? it : it.last;
    return { items: [...text], isLast: typeof it !== "string" };
  };
  let problem: string | undefined;
  try {
    for await (const { items, state } of eachPage(fetchPage, { first: 1, state: left })) {
      pages.push(items.join(""));
      left = state;
    }
  } catch (error) {
    problem = (error as Error).message;
  }
  return { asked, pages, left, ...(problem && { problem }) };
}

const answered = (status: number) => new ProviderError(`answered ${status}`, { status });

test("pages are asked for until one is empty, however small", async () => {
  const [asked, pages] = [
    [1, 2, 3, 4],
    ["ab", "c", "de", ""],
  ];
  expect(await read({ 1: "ab", 2: "c", 3: "de" })).toEqual({ asked, pages, left: {} });
});

test("a list that is empty leaves nothing behind", async () => {
  expect(await read({})).toEqual({ asked: [1], pages: [], left: undefined });
});

test("where the provider tells which one is the last, no more are asked for", async () => {
  expect(await read({ 1: "a", 2: { last: "b" }, 3: "c" })).toEqual({
    ...{ asked: [1, 2], pages: ["a", "b"], left: {} },
  });
});

test("a page that is not there is the end", async () => {
  expect(await read({ 1: "a", 2: answered(404) })).toEqual({
    ...{ asked: [1, 2], pages: ["a", ""], left: {} },
  });
});

test("a list that is not there is an error", async () => {
  expect(await read({ 1: answered(404) })).toMatchObject({ asked: [1], problem: "answered 404" });
});

test("a provider that shows its last page again and again is asked once more", async () => {
  expect(await read({ 1: "a", 2: "b", 3: "b", 4: "b" })).toEqual({
    ...{ asked: [1, 2, 3], pages: ["a", "b", ""], left: {} },
  });
});

test("a provider that always shows the same page is an error, and not asked for ever", async () => {
  expect(await read({ 1: "a", 2: "a", 3: "a" })).toEqual({
    ...{ asked: [1, 2], pages: ["a"], left: { page: 2 } },
    problem: "page 2 is the same as the one before it",
  });
});

test("who broke off goes on there, and the run after begins anew", async () => {
  const { left } = await read({ 1: "a", 2: "b", 3: answered(500) });
  expect(left).toEqual({ page: 3 });
  expect(await read({ 1: "a", 2: "b", 3: "c" }, left)).toEqual({
    ...{ asked: [3, 4], pages: ["", "c", ""], left: {} },
  });
});

test("a page that cannot be read keeps nobody from the pages before it", async () => {
  expect(await read({ 1: "a", 2: "b", 3: answered(500) }, { page: 3 })).toEqual({
    ...{ asked: [3], pages: [""], left: {}, problem: "answered 500" },
  });
});

test("a place that is there no more is the end", async () => {
  for (const gone of ["", answered(404)])
    expect(await read({ 1: "a", 7: gone }, { page: 7 })).toEqual({
      ...{ asked: [7], pages: [""], left: {} },
    });
});
