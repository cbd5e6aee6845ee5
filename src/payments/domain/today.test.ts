import fc from "fast-check";
import { expect, test } from "vitest";
import type { Adjustment } from "./payment.js";
import { inTurn, standToday } from "./today.js";

const START = { status: "SUCCEEDED", amount: 2000n } as const;

const adjustment = (reference: string, date: bigint, changes: Partial<Adjustment>): Adjustment => ({
  ...{ reference, date, status: "SUCCEEDED", amount: 0n, absolute: true, raw: null },
  ...changes,
});

test("a payment without adjustments stands as it began", () => {
  expect(standToday(START, [])).toEqual(START);
});

test("an absolute amount takes the place of the one before, another is added to it", () => {
  const adjustments = [
    adjustment("a", 1n, { amount: 1500n }),
    adjustment("b", 2n, { amount: -300n, absolute: false, status: "CANCELLED" }),
  ];
  expect(standToday(START, adjustments)).toEqual({ status: "CANCELLED", amount: 1200n });
});

test("the order in which adjustments are heard of does not count", () => {
  const any = fc.uniqueArray(
    fc.record({
      reference: fc.string({ minLength: 1 }),
      date: fc.bigInt(0n, 3n),
      amount: fc.bigInt(0n, 100n),
      absolute: fc.boolean(),
    }),
    { selector: ({ reference }) => reference },
  );
  fc.assert(
    fc.property(any, (list) => {
      const adjustments = list.map(({ reference, date, ...rest }) =>
        adjustment(reference, date, rest),
      );
      expect(standToday(START, adjustments.toReversed())).toEqual(standToday(START, adjustments));
    }),
  );
});

test("adjustments are told by date, each as what it left", () => {
  const adjustments = [
    adjustment("dispute", 3n, { amount: -1500n, absolute: false }),
    adjustment("refund", 1n, { amount: -1500n, absolute: false }),
    adjustment("won", 4n, { amount: 1500n, absolute: false }),
    adjustment("poll", 2n, { amount: 900n }),
  ];
  expect(inTurn(2000n, adjustments)).toMatchObject(
    [
      ["refund", 500n],
      ["poll", 900n],
      ["dispute", 0n],
      ["won", 900n],
    ].map(([reference, amount]) => ({ reference, amount, absolute: true })),
  );
});
