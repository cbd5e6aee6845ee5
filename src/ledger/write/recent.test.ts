import { expect, test } from "vitest";
import { heapBytes } from "../../../test/support/heapBytes.js";
import { recent } from "./recent.js";

test("what is used stays, what is not is forgotten", () => {
  const entries = recent<number>(10);
  entries.set("used", 1);
  entries.set("idle", 1);
  for (let key = 0; key < 100; key++) {
    entries.set(String(key), key);
    expect(entries.get("used")).toBe(1);
  }
  expect(entries.get("idle")).toBeUndefined();
  expect(entries.get("99")).toBe(99);
});

test("an entry that was overwritten never comes back", () => {
  const entries = recent<number>(3);
  for (let value = 0; value < 50; value++) {
    entries.set("a", value);
    entries.set(String(value), value);
    expect(entries.get("a")).toBe(value);
  }
});

test("a key keeps nothing of the text that it was cut from", () => {
  const entries = recent<number>(1000);
  const before = heapBytes();
  for (let at = 0; at < 100; at++) {
    const request = Buffer.alloc(1_000_000, `customers:account:${at};`).toString();
    entries.set(request.slice(0, request.indexOf(";")), at);
  }
  expect(heapBytes() - before).toBeLessThan(20_000_000);
  expect(entries.get("customers:account:42")).toBe(42);
});
