import fc from "fast-check";
import { ASSET, type Draft, type Limit, type Operation } from "./model.js";

const PEOPLE = ["a:1", "a:2", "b:1", "b:2", "shop"];
const person = fc.constantFrom(...PEOPLE);
const account = fc.constantFrom("world", "world", ...PEOPLE);
const amount = fc.bigInt({ min: 0n, max: 100n });

const draft: fc.Arbitrary<Draft> = fc.record({
  postings: fc.array(
    fc.record({ source: account, destination: account, amount, asset: fc.constant(ASSET) }),
    { minLength: 1, maxLength: 3 },
  ),
  reference: fc.constantFrom("", "", "", "r1", "r2", "r3", "revert_r1"),
});

const limit: fc.Arbitrary<Limit> = fc.record({
  part: fc.constantFrom("a:", "b:1", "1", "shop"),
  least: fc.bigInt({ min: -80n, max: 40n }),
});

/** Any write. What a mapping changes has no place in the log, so it stays out of races. */
export const raced: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("create" as const),
      transactions: fc.oneof(fc.tuple(draft), fc.array(draft, { minLength: 1, maxLength: 3 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("script" as const),
      amount: fc.bigInt({ min: 1n, max: 100n }),
      sources: fc.oneof(fc.constant(["world"]), fc.array(person, { minLength: 1, maxLength: 3 })),
      overdraft: fc.constantFrom(0n, 0n, 10n, 60n),
      destinations: fc.tuple(person, account),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("redirected" as const),
      amount: fc.oneof(fc.bigInt({ min: 1n, max: 100n }), fc.bigInt({ min: -100n, max: -1n })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("note" as const), to: person }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("revert" as const), txid: fc.nat(12) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("annotate" as const),
      account: fc.constantFrom(...PEOPLE, "noted"),
      value: fc.string({ maxLength: 3, unit: "grapheme-ascii" }),
    }),
  },
);

export const any: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 9, arbitrary: raced },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("map" as const),
      limits: fc.array(limit, { maxLength: 2 }),
    }),
  },
);
