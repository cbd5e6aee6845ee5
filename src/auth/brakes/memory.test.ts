import { expect, test } from "vitest";
import { heapBytes } from "../../../test/support/heapBytes.js";
import { createMemory } from "./memory.js";

test("what was put is remembered for a lifetime, which begins anew when it is put again", () => {
  let now = 0n;
  const memory = createMemory<string>(10n, () => now);
  memory.put("a", "first");
  now = 9n;
  memory.put("a", "second");
  now = 18n;
  expect(memory.find("a")).toEqual({ value: "second", endsAt: 19n });
  now = 19n;
  expect(memory.find("a")).toBeUndefined();
});

test("callers without end fill no memory: the oldest are forgotten", () => {
  const memory = createMemory<number>(10n, () => 0n);
  for (let caller = 0; caller < 50_000; caller++) memory.put(`${caller}`, caller);
  memory.put("0", 0);
  expect(memory.find("1")).toBeDefined();
  memory.put("50000", 50_000);
  expect(memory.find("1")).toBeUndefined();
  for (const caller of ["0", "2", "50000"]) expect(memory.find(caller)?.value).toBe(+caller);
});

test("a key keeps nothing of the requests that it was put together from", () => {
  const memory = createMemory<number>(10n, () => 0n);
  const before = heapBytes();
  for (let caller = 0; caller < 1000; caller++) {
    const form = `client_id=somebody-who-invents-${caller}&padding=${"x".repeat(50_000)}`;
    memory.put(`203.0.113.7 ${new URLSearchParams(form).get("client_id")}`, caller);
  }
  expect(heapBytes() - before).toBeLessThan(5_000_000);
  expect(memory.find("203.0.113.7 somebody-who-invents-42")?.value).toBe(42);
});
