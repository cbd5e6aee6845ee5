import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort } from "./onAbort.js";

test("all who listen hear of the abort, but those who stopped, and the signal has one listener", () => {
  const controller = new AbortController();
  const heard: number[] = [];
  const stops = Array.from({ length: 100 }, (_, n) =>
    onAbort(controller.signal, () => heard.push(n)),
  );
  for (const stop of stops.slice(3)) stop();
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  controller.abort();
  expect(heard).toEqual([0, 1, 2]);
});
