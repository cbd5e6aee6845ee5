import { expect, test } from "vitest";
import { together } from "./together.js";

test("questions that come while others are being asked go together, in order, so many at a time", async () => {
  const rounds: (readonly number[])[] = [];
  const ask = together(async (questions: readonly number[]) => {
    rounds.push(questions);
    await new Promise(setImmediate);
    return questions.map((it) => it * 10);
  }, 3);
  const first = [ask(1), ask(2)];
  await Promise.resolve();
  await Promise.resolve();
  const later = [3, 4, 5, 6].map(ask);
  expect(await Promise.all([...first, ...later])).toEqual([10, 20, 30, 40, 50, 60]);
  expect(rounds).toEqual([[1, 2], [3, 4, 5], [6]]);
});

test("a round that fails fails those that were in it, and no others", async () => {
  let isDown = true;
  const ask = together(async (questions: readonly number[]) => {
    if (isDown) throw new Error("down");
    return questions;
  }, 10);
  const failed = await Promise.allSettled([ask(1), ask(2)]);
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isDown = false;
  expect(await ask(3)).toBe(3);
});
