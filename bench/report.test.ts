import { expect, test } from "vitest";
import type { Figures } from "./figures.js";
import { judge } from "./report.js";

const figures = (perSecond: number, memoryMb = 100, p99 = 10): Figures => ({
  ...{ perSecond, memoryMb, p99 },
  ...{
    count: 100,
    p50: 1,
    p95: 2,
    failed: 0,
    serverCpu: 10,
    databaseCpu: 20,
    loadCpu: 5,
    othersCpu: 0,
  },
});

const verdict = (rounds: Record<string, Figures[]>, claim: string, grown = [1, 1]) =>
  judge(
    rounds,
    grown.map((perSecond) => ({ perSecond, transactions: 1 })),
  ).find((it) => it.claim.startsWith(claim))?.isMet;

test("a ratio is met from its floor on", () => {
  const a = [figures(100)];
  expect(verdict({ a, b: [figures(40)] }, "b / a")).toBe(true);
  expect(verdict({ a, b: [figures(39)] }, "b / a")).toBe(false);
});

test("a rate is met from its floor on, latency and memory up to their limit", () => {
  expect(verdict({ d: [figures(4000, 500, 60)] }, "d ≥")).toBe(true);
  expect(verdict({ d: [figures(3999)] }, "d ≥")).toBe(false);
  expect(verdict({ d: [figures(1, 1, 60)] }, "p99 of d")).toBe(true);
  expect(verdict({ d: [figures(1, 1, 61)] }, "p99 of d")).toBe(false);
  expect(verdict({ d: [figures(1, 500)], e: [figures(1, 10)] }, "memory")).toBe(true);
  expect(verdict({ d: [figures(1, 501)], e: [figures(1, 10)] }, "memory")).toBe(false);
});

test("a ledger may grow by a quarter of its cost", () => {
  expect(verdict({}, "cost", [125, 100])).toBe(true);
  expect(verdict({}, "cost", [126, 100])).toBe(false);
});

test("nothing is said of what was not run", () => {
  expect(judge({ a: [figures(100, Number.NaN)] }, [])).toEqual([]);
});
