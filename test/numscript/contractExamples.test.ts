import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Feature } from "../../src/numscript/features.js";
import type { Run } from "../../src/numscript/run.js";
import { type Circumstances, runScript, textsOf } from "./books.js";

interface Posting {
  readonly source: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount: string;
  readonly color: string;
}

type Texts = Readonly<Record<string, string>>;

interface Example {
  readonly name: string;
  readonly script: string;
  readonly experimental: readonly Feature[];
  readonly balances: readonly (Omit<Posting, "source" | "destination"> & { account: string })[];
  readonly vars: Texts;
  readonly metadata: Readonly<Record<string, Texts>>;
  readonly expect: {
    readonly postings?: readonly Posting[];
    /** Where the machine's way with kept money leads elsewhere. */
    readonly postingsMachineKept?: readonly Posting[];
    readonly txMetadata?: Texts;
    readonly accountMetadata?: Readonly<Record<string, Texts>>;
    readonly error?: string;
    readonly errorDetails?: Texts;
  };
}

const examples: readonly Example[] = JSON.parse(
  readFileSync(new URL("contract-examples.json", import.meta.url), "utf8"),
);

/** The names that the examples have for refusals. */
const KINDS: Texts = {
  MissingFundsErr: "missing-funds",
  NegativeAmountErr: "negative-amount",
  InvalidAllotmentSum: "invalid-allotment-sum",
  MismatchedCurrencyError: "mismatched-currency",
};

/** "USD_RED/2" for USD/2 in RED. */
function inColor(asset: string, color: string): string {
  const [base, scale] = asset.split("/");
  return `${base}${color && `_${color}`}${scale === undefined ? "" : `/${scale}`}`;
}

const circumstancesOf = (example: Example, kept: "machine" | "interpreter"): Circumstances => ({
  balances: Object.fromEntries(
    example.balances.map(({ account, asset, color, amount }) => [
      `${account} ${inColor(asset, color)}`,
      BigInt(amount),
    ]),
  ),
  metadata: example.metadata,
  variables: example.vars,
  features: example.experimental,
  kept,
});

describe.each(["machine", "interpreter"] as const)("with the %s's way of keeping money", (kept) => {
  test.each(examples)("$name", (example) => {
    const ended = runScript(example.script, circumstancesOf(example, kept));
    expect(readable(ended)).toEqual(expectedOf(example, kept));
  });
});

function expectedOf({ expect: expected }: Example, kept: "machine" | "interpreter") {
  if (expected.error !== undefined) {
    return { error: KINDS[expected.error], ...(expected.errorDetails ?? {}) };
  }
  const { postings = [], txMetadata = {}, accountMetadata = {} } = expected;
  const moved = (kept === "machine" ? expected.postingsMachineKept : undefined) ?? postings;
  return {
    postings: moved.map(({ color, asset, ...posting }) => ({
      ...posting,
      asset: inColor(asset, color),
    })),
    txMetadata,
    accountMetadata,
  };
}

function readable(ended: Run): unknown {
  if (ended.kind === "needs") return ended;
  if (ended.kind === "refused") {
    const { refusal } = ended;
    if (refusal.kind !== "missing-funds") return { error: refusal.kind };
    const { kind: error, asset, needed, available } = refusal;
    return { error, asset, needed: String(needed), available: String(available) };
  }
  const { postings, transactionMetadata, accountMetadata } = ended.outcome;
  return {
    postings: postings.map((posting) => ({ ...posting, amount: String(posting.amount) })),
    txMetadata: textsOf(transactionMetadata),
    accountMetadata: Object.fromEntries(
      [...accountMetadata].map(([account, values]) => [account, textsOf(values)]),
    ),
  };
}
