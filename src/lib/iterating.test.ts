import { expect, test } from "vitest";
import { iterating, type Steps } from "./iterating.js";

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
  const steps = { each: fail, onError: () => {} };
  await expect(readAll(iterating(source(), steps))).rejects.toThrow("no good");
  await expect.poll(() => left).toBe(2);
});

/** The same items, such that nobody sees that steps are taken at them. */
const hidden = <T>(items: AsyncIterable<T>): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => items[Symbol.asyncIterator](),
});

test("steps that follow one another do what each of them does alone", async () => {
  const fail = (text: string) => () => {
    throw new Error(text);
  };
  const kinds = [
    {},
    { each: (item: number) => item + 1 },
    { each: fail("each") },
    { onEnd: fail("end") },
    { onError: fail("other") },
    { onError: () => {} },
  ];
  for (const source of [() => upTo(2), failing]) {
    for (const inner of kinds) {
      for (const outer of kinds) {
        const history = async (between: typeof hidden<number>) => {
          const told: unknown[] = [];
          const telling = (name: string, steps: Steps<number, number>): Steps<number, number> => ({
            each(item) {
              told.push(`${name} ${item}`);
              return steps.each === undefined ? item : steps.each(item);
            },
            onEnd() {
              told.push(`${name} ends`);
              steps.onEnd?.();
            },
            onError(error) {
              told.push(`${name} fails: ${error}`);
              if (steps.onError === undefined) throw error;
              steps.onError(error);
            },
          });
          const items = iterating(
            between(iterating(source(), telling("inner", inner))),
            telling("outer", outer),
          );
          told.push(await readAll(items).catch(String));
          return told;
        };
        expect(await history((items) => items)).toEqual(await history(hidden));
      }
    }
  }
});
