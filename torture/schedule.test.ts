import { expect, test } from "vitest";
import { createRandom } from "./random.js";
import { type PlanOptions, planFaults } from "./schedule.js";

const SHORT: PlanOptions = { durationMs: 60_000, servers: 3, isLong: false, mayFillDisk: false };
const LONG: PlanOptions = { durationMs: 600_000, servers: 3, isLong: true, mayFillDisk: true };

const SEEDS = Array.from({ length: 200 }, (_, seed) => String(seed));

test("the same seed plans the same faults, another one others", () => {
  const plan = (seed: string) => planFaults(createRandom(seed), SHORT);
  expect(plan("1")).toEqual(plan("1"));
  expect(plan("1")).not.toEqual(plan("2"));
});

test("where no disk can be filled, a seed plans the same faults but for that", () => {
  for (const seed of SEEDS) {
    const plan = (mayFillDisk: boolean) => planFaults(createRandom(seed), { ...LONG, mayFillDisk });
    const others = plan(true).map((lane) => lane.filter(({ fault }) => fault.kind !== "fill disk"));
    expect(plan(false)).toEqual(others);
  }
});

test("faults of a lane come in the order of time, and leave quiet at both ends", () => {
  for (const seed of SEEDS) {
    for (const lane of planFaults(createRandom(seed), SHORT)) {
      const times = lane.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      expect(times[0]).toBe(3_000);
      for (const { at, fault } of lane) {
        const lasting = "forMs" in fault ? fault.forMs : 0;
        expect(at + lasting).toBeLessThanOrEqual(57_000);
      }
    }
  }
});

test("in ten minutes each kind has its turn more than once, the full disk too", () => {
  for (const seed of SEEDS) {
    const kinds = planFaults(createRandom(seed), LONG).flatMap((lane) =>
      lane.map(({ fault }) => fault.kind),
    );
    const different = new Set(kinds);
    expect(different.size).toBe(15);
    for (const kind of different) {
      expect(kinds.filter((each) => each === kind).length, kind).toBeGreaterThan(1);
    }
  }
});

test("in a minute, most kinds have their turn", () => {
  const counts = SEEDS.map(
    (seed) =>
      new Set(
        planFaults(createRandom(seed), SHORT).flatMap((lane) =>
          lane.map(({ fault }) => fault.kind),
        ),
      ).size,
  );
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
});
