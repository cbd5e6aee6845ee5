import fc from "fast-check";
import { expect, test } from "vitest";
import type { Program, Source, Statement } from "../../src/numscript/ast.js";
import { describeRefusal } from "../../src/numscript/describe.js";
import { features } from "../../src/numscript/features.js";
import type { Input, Needs, Store } from "../../src/numscript/input.js";
import { least } from "../../src/numscript/integers.js";
import { isAccount, isAsset } from "../../src/numscript/names.js";
import { type Outcome, run } from "../../src/numscript/run.js";
import { type Books, inputOf } from "./books.js";
import { accounts, assets, programs, variableTexts, wildPrograms } from "./programs.js";
import { journeys } from "./sends.js";

const seeds = [1, Math.floor(Math.random() * 2 ** 31)];

const balances = fc
  .array(
    fc.tuple(
      fc.constantFrom(...accounts),
      fc.constantFrom(...assets, "COIN_RED", "USD_RED/2"),
      fc.oneof(fc.bigInt(-50n, 500n), fc.bigInt(-(10n ** 40n), 10n ** 40n)),
    ),
  )
  .map((rows) =>
    Object.fromEntries(rows.map(([account, asset, held]) => [`${account} ${asset}`, held])),
  );

const owner = fc.oneof(
  fc.constantFrom(...accounts),
  fc.constantFrom(...accounts).map((account) => ({ type: "account", value: account })),
);

const books: fc.Arbitrary<Books> = fc
  .record({ balances, owner: fc.option(owner, { nil: undefined, freq: 9 }) })
  .map(({ balances: held, owner: name }) => ({
    balances: held,
    metadata: name === undefined ? {} : { "shop-7:till": { owner: name } },
  }));

interface Case {
  readonly program: Program;
  readonly held: Books;
  readonly given: Input;
}

const rest = fc.record({
  kept: fc.constantFrom("machine", "interpreter"),
  isStrict: fc.boolean(),
});

/** Programs of every kind. */
const varied = (from: fc.Arbitrary<Program>): fc.Arbitrary<Case> =>
  fc
    .record({ program: from, held: books, variables: variableTexts, rest })
    .map(({ program, held, variables, rest: more }) => ({
      program,
      held,
      given: { ...inputOf(held), ...more, variables },
    }));

/** Programs of which most move money. */
const moving: fc.Arbitrary<Case> = fc
  .record({ journey: journeys, rest })
  .map(({ journey: { program, balances: held }, rest: more }) => ({
    program,
    held: { balances: held },
    given: { ...inputOf({ balances: held }), ...more },
  }));

const cases = fc.oneof(varied(programs), moving);

test.each(seeds)(
  "any program ends, on any ledger, with any texts as variables, seed %i",
  (seed) => {
    const texts = fc.dictionary(
      fc.constantFrom("payer", "unit", "count", "price", "cut", "label", "else"),
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."019-/% .:AUSD_") })),
    );
    const anything = fc.record({
      stored: fc.dictionary(fc.constantFrom("owner", "x"), fc.jsonValue()),
      texts: fc.option(texts),
      on: fc.subarray([...features]),
    });
    fc.assert(
      fc.property(
        varied(wildPrograms),
        anything,
        ({ program, given }, { stored, texts: wild, on }) => {
          const ended = run(program, {
            ...given,
            variables: wild === null ? given.variables : new Map(Object.entries(wild)),
            features: new Set(on),
            store: { ...given.store, metadata: () => stored },
          });
          expect(ended.kind).not.toBe("needs");
          if (ended.kind === "refused") expect(describeRefusal(ended.refusal)).not.toBe("");
        },
      ),
      { seed, numRuns: 400 },
    );
  },
);

test.each(seeds)("postings are well formed, and the same in every run, seed %i", (seed) => {
  let postings = 0;
  fc.assert(
    fc.property(cases, ({ program, given }) => {
      const ended = run(program, given);
      expect(run(program, given)).toEqual(ended);
      if (ended.kind !== "done") return;
      for (const { source, destination, asset, amount } of ended.outcome.postings) {
        expect([source, destination].every(isAccount) && isAsset(asset)).toBe(true);
        expect(amount).toBeGreaterThan(0n);
        postings++;
      }
    }),
    { seed, numRuns: 400 },
  );
  expect(postings).toBeGreaterThan(100);
});

test.each(seeds)("without leave nobody gets into debt, or deeper into it, seed %i", (seed) => {
  let postings = 0;
  fc.assert(
    fc.property(cases, ({ program, held, given }) => {
      const ended = run(withoutLeave(program), given);
      if (ended.kind !== "done") return;
      postings += ended.outcome.postings.length;
      for (const [key, end] of endsOf(ended.outcome, given.store)) {
        if (key.startsWith("world ") || key.startsWith("exchange ")) continue;
        const start = held.balances?.[key] ?? 0n;
        expect(end).toBeGreaterThanOrEqual(least(start, 0n));
      }
    }),
    { seed, numRuns: 400 },
  );
  expect(postings).toBeGreaterThan(100);
});

/** The balances that `outcome` touches, as it leaves them. */
function endsOf({ postings }: Outcome, store: Store): Map<string, bigint> {
  const ends = new Map<string, bigint>();
  const change = (account: string, asset: string, amount: bigint) => {
    const key = `${account} ${asset}`;
    ends.set(key, (ends.get(key) ?? store.balance(account, asset) ?? 0n) + amount);
  };
  for (const { source, destination, asset, amount } of postings) {
    change(source, asset, -amount);
    change(destination, asset, amount);
  }
  return ends;
}

/** The program without overdrafts; what swaps scales, for which no limit holds, is another account. */
const withoutLeave = (program: Program): Program => ({
  ...program,
  statements: program.statements.map(
    (statement): Statement =>
      statement.kind === "send" ? { ...statement, source: modest(statement.source) } : statement,
  ),
});

function modest(source: Source): Source {
  switch (source.kind) {
    case "account":
      return { ...source, overdraft: null };
    case "scaling":
      return { ...source, through: { kind: "account", segments: ["exchange"], span: source.span } };
    case "capped":
      return { ...source, from: modest(source.from) };
    case "ordered":
    case "oneof":
      return { ...source, sources: source.sources.map(modest) };
    case "allotment":
      return {
        ...source,
        clauses: source.clauses.map(({ portion, from }) => ({ portion, from: modest(from) })),
      };
  }
}

test.each(seeds)("what a run asks for is all it needs, in few rounds, seed %i", (seed) => {
  fc.assert(
    fc.property(cases, ({ program, given }) => {
      const lazy = lazyStore(given.store);
      let ended = run(program, { ...given, store: lazy.store });
      for (let round = 1; ended.kind === "needs"; round++) {
        expect(round).toBeLessThanOrEqual(4);
        expect(lazy.load(ended.needs)).toBe(true);
        ended = run(program, { ...given, store: lazy.store });
      }
      expect(ended).toEqual(run(program, given));
    }),
    { seed, numRuns: 400 },
  );
});

test.each(seeds)(
  "a script without variables asks once, and for all that it touches, seed %i",
  (seed) => {
    let count = 0;
    fc.assert(
      fc.property(moving, ({ program, given }) => {
        const lazy = lazyStore(given.store);
        const asked = run(program, { ...given, store: lazy.store });
        if (asked.kind !== "needs") return;
        lazy.load(asked.needs);
        const ended = run(program, { ...given, store: lazy.store });
        expect(ended.kind).not.toBe("needs");
        if (ended.kind !== "done") return;
        const foreseen = asked.needs.destinations.map(
          ({ account, asset }) => `${account} ${asset}`,
        );
        expect(foreseen).toEqual(
          expect.arrayContaining([...endsOf(ended.outcome, given.store).keys()]),
        );
        count++;
      }),
      { seed, numRuns: 300 },
    );
    expect(count).toBeGreaterThan(50);
  },
);

/** A store that knows nothing but what was loaded into it. */
function lazyStore(full: Store) {
  const loaded = new Set<string>();
  const ifLoaded = <T>(key: string, value: T): T | undefined =>
    loaded.has(key) ? value : undefined;
  const store: Store = {
    balance: (account, asset) => ifLoaded(`${account} ${asset}`, full.balance(account, asset)),
    balances: (account, base) => ifLoaded(`${account} ${base}/*`, full.balances(account, base)),
    metadata: (account) => ifLoaded(account, full.metadata(account)),
  };
  /** Tells whether anything of it is new. */
  const load = ({ balances: missing, scales, metadata }: Needs): boolean => {
    const before = loaded.size;
    for (const { account, asset } of missing) loaded.add(`${account} ${asset}`);
    for (const { account, base } of scales) loaded.add(`${account} ${base}/*`);
    for (const account of metadata) loaded.add(account);
    return loaded.size > before;
  };
  return { store, load };
}
