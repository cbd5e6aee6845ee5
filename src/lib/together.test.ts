import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { together } from "./together.js";

test("questions that come while others are being asked go together, in order, so many at a time", async () => {
  const rounds: (readonly number[])[] = [];
  const ask = together(
    async (questions: readonly number[]) => {
      rounds.push(questions);
      await new Promise(setImmediate);
      return questions.map((it) => it * 10);
    },
    { most: 3 },
  );
  const first = [ask(1), ask(2)];
  await Promise.resolve();
  await Promise.resolve();
  const later = [3, 4, 5, 6].map(ask);
  expect(await Promise.all([...first, ...later])).toEqual([10, 20, 30, 40, 50, 60]);
  expect(rounds).toEqual([[1, 2], [3, 4, 5], [6]]);
});

test("a round that fails fails those that were in it, and no others", async () => {
  let isDown = true;
  const ask = together(
    async (questions: readonly number[]) => {
      if (isDown) throw new Error("down");
      return questions;
    },
    { most: 10 },
  );
  const failed = await Promise.allSettled([ask(1), ask(2)]);
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isDown = false;
  expect(await ask(3)).toBe(3);
});

/** Rounds whose answers the test gives, by the number of the round. */
function byHand(lateMs: number) {
  const rounds: {
    questions: readonly number[];
    answer(): void;
    fail(error: Error): void;
  }[] = [];
  const ask = together(
    (questions: readonly number[]) =>
      new Promise<string[]>((resolve, reject) => {
        const from = rounds.length;
        const answer = () => resolve(questions.map((it) => `${it} of round ${from}`));
        rounds.push({ questions, answer, fail: reject });
      }),
    { most: 10, lateMs },
  );
  const questions = () => rounds.map((it) => it.questions);
  return { ask, rounds, questions };
}

test("a round that never ends is asked again with those that came meanwhile, and holds up nobody", async () => {
  const { ask, rounds, questions } = byHand(20);
  const first = ask(1);
  await expect.poll(questions).toEqual([[1]]);
  const second = ask(2);
  await expect.poll(questions).toEqual([[1], [1, 2]]);
  rounds[1]?.answer();
  expect(await Promise.all([first, second])).toEqual(["1 of round 1", "2 of round 1"]);
  const third = ask(3);
  await expect.poll(questions).toEqual([[1], [1, 2], [3]]);
  rounds[2]?.answer();
  expect(await third).toBe("3 of round 2");
});

test("a late round that is answered first counts, and what it answered is not asked any more", async () => {
  const { ask, rounds, questions } = byHand(20);
  const first = ask(1);
  await expect.poll(questions).toEqual([[1], [1]]);
  const second = ask(2);
  rounds[0]?.answer();
  expect(await first).toBe("1 of round 0");
  await expect.poll(questions).toEqual([[1], [1], [2]]);
  rounds[2]?.answer();
  expect(await second).toBe("2 of round 2");
});

test("while two rounds are late, no third is asked; a question fails when both its rounds have", async () => {
  const { ask, rounds, questions } = byHand(20);
  const first = ask(1);
  await expect.poll(questions).toEqual([[1], [1]]);
  const second = ask(2);
  await sleep(100);
  expect(questions()).toEqual([[1], [1]]);
  rounds[0]?.fail(new Error("the first round failed"));
  await expect.poll(questions).toEqual([[1], [1], [2]]);
  rounds[1]?.fail(new Error("the second round failed"));
  await expect(first).rejects.toThrow("the second round failed");
  rounds[2]?.answer();
  expect(await second).toBe("2 of round 2");
});

test("a process that stood still asks nothing again whose answer is there", async () => {
  let rounds = 0;
  const ask = together(
    async (questions: readonly number[]) => {
      rounds++;
      const answered = stat(".");
      queueMicrotask(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200));
      await answered;
      return questions;
    },
    { most: 10, lateMs: 50 },
  );
  // What comes next in a turn of the event loop are timers, and then what can be read.
  await new Promise(setImmediate);
  expect(await ask(1)).toBe(1);
  await new Promise(setImmediate);
  expect(rounds).toBe(1);
});
