import { EventEmitter } from "node:events";
import type { Http2ServerResponse } from "node:http2";
import { expect, test } from "vitest";
import { callEnd } from "./callEnd.js";

test("a call that has ended waits for no deadline", () => {
  // Of a response it is but its events that count here.
  const response = new EventEmitter() as Http2ServerResponse;
  const before = timers();
  const { end } = callEnd(response, 60_000);
  expect(timers()).toBe(before + 1);
  end();
  expect(timers()).toBe(before);
});

const timers = () => process.getActiveResourcesInfo().filter((it) => it === "Timeout").length;
