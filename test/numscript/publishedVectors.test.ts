import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/numscript/run.js";
import { type Circumstances, runScript, textsOf } from "./books.js";
import { hasPublishedVectors, type PlainObject, publishedVectors } from "./publishedVectors.js";

const vectors = hasPublishedVectors ? publishedVectors() : [];

test.skipIf(!hasPublishedVectors)("there are published vectors to run", () => {
  expect(vectors).toHaveLength(63);
});

describe.skipIf(!hasPublishedVectors).each(["machine", "interpreter"] as const)(
  "published vectors, with the %s's way of keeping money",
  (kept) => {
    test.each(vectors)("$name", ({ script, circumstances, expected }) => {
      const ended = runScript(script, { ...circumstances, kept });
      const mayMissFunds = expected["expect.error.missingFunds"] === true;
      const mayBeNegative = expected["expect.error.negativeAmount"] === true;
      if (mayMissFunds || mayBeNegative) {
        const kind = mayMissFunds ? "missing-funds" : "negative-amount";
        expect(ended).toMatchObject({ kind: "refused", refusal: { kind } });
        return;
      }
      if (ended.kind !== "done") throw new Error(`the script is not done: ${ended.kind}`);
      const observed = observe(ended.outcome, circumstances);
      for (const [name, check] of Object.entries(checks)) {
        if (name in expected) check(observed, expected[name]);
      }
      const unknown = Object.keys(expected).filter((name) => name.startsWith("expect"));
      expect(Object.keys(checks)).toEqual(expect.arrayContaining(unknown));
    });
  },
);

type Row = PlainObject;

interface Observed {
  readonly postings: Row[];
  readonly txMetadata: PlainObject;
  readonly accountMetadata: PlainObject;
  readonly endBalances: Row[];
  readonly movements: Row[];
}

/** What a vector may expect, and how it is compared. */
const checks: Record<string, (observed: Observed, expected: unknown) => void> = {
  "expect.postings": ({ postings }, rows) => expect(postings).toEqual(rows),
  "expect.txMetadata": ({ txMetadata }, texts) => expect(txMetadata).toEqual(texts),
  "expect.metadata": ({ accountMetadata }, texts) => expect(accountMetadata).toEqual(texts),
  "expect.endBalances": ({ endBalances }, rows) =>
    expect(inOrder(endBalances)).toEqual(inOrder(rows as Row[])),
  "expect.endBalances.include": ({ endBalances }, rows) =>
    expect(endBalances).toEqual(expect.arrayContaining(rows as Row[])),
  "expect.movements": ({ movements }, rows) =>
    expect(inOrder(movements)).toEqual(inOrder(rows as Row[])),
};

/** None of the published vectors has a colour. */
function observe(outcome: Outcome, { balances = {} }: Circumstances): Observed {
  const ends = new Map(Object.entries(balances));
  const sums = new Map<string, bigint>();
  const add = (map: Map<string, bigint>, key: string, amount: bigint) =>
    map.set(key, (map.get(key) ?? 0n) + amount);
  for (const { source, destination, asset, amount } of outcome.postings) {
    add(ends, `${source} ${asset}`, -amount);
    add(ends, `${destination} ${asset}`, amount);
    add(sums, `${source} ${destination} ${asset}`, amount);
  }
  return {
    postings: outcome.postings.map((posting) => ({ ...posting })),
    txMetadata: textsOf(outcome.transactionMetadata),
    accountMetadata: Object.fromEntries(
      [...outcome.accountMetadata].map(([account, values]) => [account, textsOf(values)]),
    ),
    endBalances: rowsOf(ends, ["account", "asset"]),
    movements: rowsOf(sums, ["source", "destination", "asset"]),
  };
}

const rowsOf = (amounts: ReadonlyMap<string, bigint>, names: readonly string[]): Row[] =>
  [...amounts].map(([key, amount]) => {
    const parts = key.split(" ");
    return {
      ...Object.fromEntries(names.map((name, index) => [name, parts[index] ?? ""])),
      amount,
    };
  });

const inOrder = (rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));

const sortKey = (row: Row): string =>
  Object.keys(row)
    .sort()
    .map((name) => `${row[name]}`)
    .join();
