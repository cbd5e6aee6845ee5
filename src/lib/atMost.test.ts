import { expect, test } from "vitest";
import { atMost } from "./atMost.js";

test("so many tasks run at a time, the others in the order they came, whatever becomes of one", async () => {
  const inTurn = atMost(2);
  const [began, ends]: [number[], (() => void)[]] = [[], []];
  const tasks = Array.from({ length: 5 }, (_, task) =>
    inTurn(async () => {
      began.push(task);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (task === 0) throw new Error("failed");
      return task;
    }),
  );
  const settled = Promise.allSettled(tasks);
  await expect.poll(() => began).toEqual([0, 1]);
  ends[0]?.();
  await expect.poll(() => began).toEqual([0, 1, 2]);
  ends[2]?.();
  ends[1]?.();
  await expect.poll(() => began).toEqual([0, 1, 2, 3, 4]);
  for (const end of ends) end();
  expect((await settled).map(({ status }) => status)).toEqual([
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  expect(await inTurn(async () => "again")).toBe("again");
});
