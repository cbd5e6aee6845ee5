import fc from "fast-check";
import { expect, test } from "vitest";
import { SEEDS } from "../support/seeds.js";
import { type Crashable, crashable } from "./model/crashable.js";
import { Model, type Operation } from "./model/model.js";
import { any, raced } from "./model/operations.js";
import { countLogs, marksSince, modelAll, readAll } from "./model/read.js";
import { send } from "./model/send.js";

const LEDGERS = ["one", "two", "three"] as const;
type Name = (typeof LEDGERS)[number];
type Models = Record<Name, Model>;
interface Real {
  readonly ledgers: Crashable;
  /** Of keys that were used. */
  readonly count: { next: number };
}
type Command = fc.AsyncCommand<Models, Real>;
interface Addressed {
  readonly ledger: Name;
  readonly operation: Operation;
}

const name = fc.constantFrom(...LEDGERS);
const print = (value: unknown) =>
  JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each));

/** Asks again, under the same key, as long as nobody can tell. */
async function insist(ledgers: Crashable, { ledger, operation }: Addressed, key: string) {
  for (;;) {
    const answer = await send(ledgers.client, ledger, operation, key);
    if (answer !== "unknown") return answer;
  }
}

/** One client writes, alone; a repetition under the same key changes nothing, and the key stands for nothing else. */
const write = (addressed: Addressed, isRepeated: boolean): Command => ({
  check: () => true,
  async run(models, { ledgers, count }) {
    const { ledger, operation } = addressed;
    const key = `k${count.next++}`;
    const expected = models[ledger].apply(operation) ?? "done";
    expect(await insist(ledgers, addressed, key)).toBe(expected);
    if (!isRepeated || expected !== "done") return;
    expect(await insist(ledgers, addressed, key)).toBe("done");
    const other: Operation = { kind: "annotate", account: "noted", value: `not ${key}` };
    expect(await insist(ledgers, { ledger, operation: other }, key)).toBe("VALIDATION");
  },
  toString: () => `${addressed.ledger}: ${print(addressed)}${isRepeated ? ", twice" : ""}`,
});

const crash: Command = {
  check: () => true,
  run: (_, { ledgers }) => ledgers.crash(),
  toString: () => "crash",
};

const TROUBLES = [null, null, "crash", "answer lost", "request lost", "late"] as const;

/**
 * Many clients write at once, and the process may crash meanwhile, or its connection break during a commit. Who got no answer from a crash asks
 * again under the same key; otherwise there are no keys, and the process itself must find out.
 * What was done has an order, the log's, in which the model does it too; what was refused would have been somewhere
 * in between.
 */
const race = (writes: readonly Addressed[], trouble: (typeof TROUBLES)[number]): Command => ({
  check: () => true,
  async run(models, real) {
    const { ledgers } = real;
    const sent = writes.map((each) => ({ ...each, key: `k${real.count.next++}` }));
    const firsts = await Promise.all(LEDGERS.map((ledger) => countLogs(ledgers.client, ledger)));
    const { client } = ledgers;
    if (trouble !== null && trouble !== "crash") ledgers.strike(trouble);
    const isKeyed = trouble === "crash";
    const answers = sent.map(({ ledger, operation, key }) =>
      send(client, ledger, operation, key, isKeyed),
    );
    if (trouble === "crash") {
      await Promise.race(answers);
      await ledgers.crash();
    }
    const known = await Promise.all(
      answers.map(async (answer, index) => {
        const each = sent[index] as (typeof sent)[number];
        const first = await answer;
        return first === "unknown" && isKeyed ? insist(ledgers, each, each.key) : first;
      }),
    );
    for (const [index, ledger] of LEDGERS.entries()) {
      const marks = await marksSince(ledgers.client, ledger, firsts[index] as bigint);
      const here = sent
        .map((each, index) => ({ ...each, answer: known[index] }))
        .filter((each) => each.ledger === ledger);
      explain(models[ledger], here, marks);
    }
  },
  toString: () => `race${trouble ? ` and ${trouble}` : ""}: ${print(writes)}`,
});

interface Answered {
  readonly operation: Operation;
  readonly key: string;
  readonly answer: string | undefined;
}

/** Does in `model` what `marks` say was done, and expects that each answer is right at some time. */
function explain(model: Model, all: readonly Answered[], marks: readonly string[]): void {
  const markOf = ({ operation, key }: Answered) =>
    operation.kind === "revert" ? `revert ${operation.txid}` : key;
  const isDone = (each: Answered) =>
    each.answer === "done" || (each.answer === "unknown" && marks.includes(markOf(each)));
  const done = all.filter(isDone);
  expect(done.map(markOf).sort()).toEqual([...marks].sort());
  const unexplained = new Set(all.filter((each) => !isDone(each) && each.answer !== "unknown"));
  const explainRefusals = () => {
    for (const each of unexplained) {
      if (model.copy().apply(each.operation) === each.answer) unexplained.delete(each);
    }
  };
  explainRefusals();
  for (const mark of marks) {
    const next = done.find((each) => markOf(each) === mark) as Answered;
    expect(model.apply(next.operation), `${mark}: ${print(next.operation)}`).toBeNull();
    explainRefusals();
  }
  expect([...unexplained].map(print)).toEqual([]);
}

const compare = (ledger: Name): Command => ({
  check: () => true,
  async run(models, { ledgers }) {
    expect(await readAll(ledgers.client, ledger)).toEqual(modelAll(models[ledger]));
  },
  toString: () => `compare ${ledger}`,
});

const addressed = (operation: fc.Arbitrary<Operation>) => fc.record({ ledger: name, operation });

const commands = fc.commands(
  [
    fc.tuple(addressed(any), fc.boolean()).map(([each, isRepeated]) => write(each, isRepeated)),
    fc.tuple(addressed(any), fc.boolean()).map(([each, isRepeated]) => write(each, isRepeated)),
    fc
      .tuple(
        fc.array(addressed(raced), { minLength: 2, maxLength: 30 }),
        fc.constantFrom(...TROUBLES),
      )
      .map(([writes, trouble]) => race(writes, trouble)),
    fc.constant(crash),
    name.map(compare),
  ],
  { maxCommands: 25 },
);

test.each([1, 2, 3, ...SEEDS])(
  "ledgers do as the model does, seed %i",
  { timeout: 120_000 },
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const ledgers = await crashable();
        const models = { one: new Model(), two: new Model(), three: new Model() };
        try {
          await fc.asyncModelRun(
            () => ({ model: models, real: { ledgers, count: { next: 0 } } }),
            sequence,
          );
          for (const ledger of LEDGERS) {
            expect(await readAll(ledgers.client, ledger)).toEqual(modelAll(models[ledger]));
          }
        } finally {
          await ledgers.end();
        }
      }),
      { seed, numRuns: 20, endOnFailure: true },
    );
  },
);
