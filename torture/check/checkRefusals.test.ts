import { expect, test } from "vitest";
import type { Effect, Refusal } from "../history.js";
import { judge } from "./judge.js";
import { type Simulated, type Step, simulate } from "./simulate.js";
import { inTurn, pay, refuse, write } from "./tell.js";

const income = write([pay("m0", "world", "a", 100n)], { idempotencyKey: "k" });
const spending = write([pay("m1", "a", "b", 60n)]);
const revert = (transactionId: string): Effect => ({ type: "revert", transactionId });
const named = (marker: string, reference: string): Effect => ({
  ...(pay(marker, "world", "a", 1n) as Effect & { type: "transaction" }),
  reference,
});

const judged = ({ history, ledger }: Simulated) =>
  judge(history, [ledger]).map(({ rule, operations }) => [rule, ...operations]);

const judgedSteps = (...steps: Parameters<typeof inTurn>[0]) => judged(simulate(inTurn(steps)));

const justified: [name: string, steps: Parameters<typeof inTurn>[0]][] = [
  [
    "of money that is spent",
    [income, spending, refuse([pay("m", "a", "b", 41n)], "insufficient funds")],
  ],
  [
    "of a batch that spends too much in all",
    [income, refuse([pay("m", "a", "b", 60n), pay("n", "a", "b", 60n)], "insufficient funds")],
  ],
  [
    "of a revert that cannot be paid",
    [income, spending, refuse([revert("0")], "insufficient funds")],
  ],
  [
    "of a reference that is taken",
    [write([named("m0", "r")]), refuse([named("m", "r")], "reference taken")],
  ],
  [
    "of a batch with one reference twice",
    [refuse([named("m", "r"), named("n", "r")], "reference taken")],
  ],
  ["of a second revert", [income, write([revert("0")]), refuse([revert("0")], "already reverted")]],
  ["of a transaction that is not there", [refuse([revert("0")], "not found")]],
  [
    "of another body under a key",
    [income, refuse([pay("m", "world", "a", 1n)], "key reused", { idempotencyKey: "k" })],
  ],
];

test.each(justified)("a refusal passes: %s", (_name, steps) => {
  expect(judgedSteps(...steps)).toEqual([]);
});

test.each(justified)("for another reason it does not: %s", (_name, steps) => {
  const last = steps.length - 1;
  for (const refusal of ["something else", "not found", "key reused"] satisfies Refusal[]) {
    const others = steps.map((step, at) => (at === last ? { ...step, refusal } : step));
    if (steps[last]?.refusal !== refusal)
      expect(judgedSteps(...others)).toEqual([["refusal", last]]);
  }
});

test("a reason that came later, or had gone before, is none", () => {
  const early = refuse([pay("m", "a", "b", 41n)], "insufficient funds");
  const pays = write([pay("m2", "world", "a", 1n)]);
  expect(judgedSteps(income, early, spending)).toEqual([["refusal", 1]]);
  expect(judgedSteps(income, spending, pays, early)).toEqual([["refusal", 3]]);
});

test("a reason that was there at a moment in between is one", () => {
  const steps = inTurn([income, spending, write([pay("m2", "world", "a", 1n)])]);
  const during: Step = {
    ...refuse([pay("m", "a", "b", 41n)], "insufficient funds"),
    ...{ client: 9, begin: 0, end: 100 },
  };
  expect(judged(simulate([...steps, during]))).toEqual([]);
});

test("the middle of a batch is no moment", () => {
  const batch = write([pay("m1", "a", "b", 60n), pay("m2", "b", "a", 60n)]);
  const [first, second] = inTurn([income, batch]) as [Step, Step];
  const during: Step = {
    ...refuse([pay("m", "a", "b", 41n)], "insufficient funds"),
    ...{ client: 9, begin: first.end + 1, end: second.end },
  };
  expect(judged(simulate([first, second, during]))).toEqual([["refusal", 2]]);
});

test("a preview of what would have been refused is no answer, nor is one of another number", () => {
  const preview = (marker: string, amount: bigint) =>
    write([pay(marker, "a", "b", amount)], { dryRun: true, happens: false });
  expect(judgedSteps(income, preview("m", 100n))).toEqual([]);
  expect(judgedSteps(income, preview("m", 101n))).toEqual([["preview", 1]]);
  const { history, ledger } = simulate(inTurn([income, preview("m", 1n)]));
  const operations = history.operations.map((each) =>
    each.id === 1 && each.what.kind === "write"
      ? { ...each, what: { ...each.what, answer: { transactionIds: ["0"], hit: false } } }
      : each,
  );
  expect(judged({ history: { ...history, operations }, ledger })).toEqual([["preview", 1]]);
});

test("no reference is stored twice, and nothing is reverted twice", () => {
  expect(judgedSteps(write([named("m0", "r")]), write([named("m1", "r")]))).toEqual([
    ["once only", 1],
  ]);
  const again = write([revert("0")], { marker: "again" });
  expect(
    judgedSteps(income, write([revert("0")]), write([pay("m3", "world", "a", 100n)]), again),
  ).toContainEqual(["once only", 3]);
});
