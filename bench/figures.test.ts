import { expect, test } from "vitest";
import { type Figures, median, medians, ratio } from "./figures.js";

const figures = (perSecond: number): Figures => ({
  perSecond,
  ...{ count: 100, p50: 1, p95: 2, p99: 3, failed: 0 },
  ...{ serverCpu: 10, databaseCpu: 20, loadCpu: 5, memoryMb: 30, othersCpu: 0 },
});

test("a median is the middle one, or what is between the two in the middle", () => {
  expect([median([9, 1, 5]), median([4, 1, 9, 2]), median([7])]).toEqual([5, 3, 7]);
});

test("a figure is the median of its repetitions", () => {
  expect(medians([figures(3), figures(1), figures(2)])).toEqual(figures(2));
});

test("a ratio is the median of each round's, not what the medians make", () => {
  const rounds = { b: [100, 50, 20].map(figures), a: [100, 100, 10].map(figures) };
  expect(ratio(rounds, "b", "a")).toBe(1);
  expect(ratio({ b: rounds.b, a: [50, 100, 10].map(figures) }, "b", "a")).toBe(2);
});

test("a ratio to what was not run is none", () => {
  expect(ratio({ b: [figures(1)] }, "b", "a")).toBeNaN();
});
