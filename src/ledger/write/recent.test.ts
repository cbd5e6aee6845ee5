import { expect, test } from "vitest";
import { recent } from "./recent.js";

test("what is used stays, what is not is forgotten", () => {
  const entries = recent<string, number>(10);
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
  const entries = recent<string, number>(3);
  for (let value = 0; value < 50; value++) {
    entries.set("a", value);
    entries.set(String(value), value);
    expect(entries.get("a")).toBe(value);
  }
});
