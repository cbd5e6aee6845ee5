import { ACCOUNTS, ASSETS } from "./accounts.js";
import {
  createTransaction,
  createTransactions,
  type NewTransaction,
  revertTransaction,
  setMetadata,
} from "./calls.js";
import type { Effect } from "./history.js";
import type { Knowledge, PlannedWrite } from "./knowledge.js";
import type { Random } from "./random.js";
import { scriptedTransaction } from "./scripts.js";

const KEYS = ["colour", "shape", "size"];
/** More than anybody ever has. */
const FORTUNE = 1_000_000_000_000n;

/** A write that nobody has planned before; `marker` is unique. */
export function planWrite(random: Random, known: Knowledge, marker: string): PlannedWrite {
  const { ledger } = known;
  const key = random.chance(0.6) ? { idempotencyKey: `key-${marker}` } : {};
  const planned = (
    call: PlannedWrite["call"],
    effects: readonly Effect[],
    dryRun = false,
  ): PlannedWrite => ({ call, write: { kind: "write", marker, dryRun, effects, ...key } });

  const kind = random.next();
  const target = known.transactions.length > 0 ? random.pick(known.transactions) : null;
  if (kind < 0.1) {
    const size = random.between(2, 20);
    const all = Array.from({ length: size }, (_, index) =>
      newTransaction(random, known, `${marker}.${index}`),
    );
    return planned(createTransactions(ledger, all), all.map(effectOf));
  }
  if (kind < 0.25) {
    const scripted = scriptedTransaction(random, marker);
    const effect = { ...effectOf(scripted), overdrafts: scripted.overdrafts };
    return planned(createTransaction(ledger, scripted, false), [effect]);
  }
  if (kind < 0.32 && target !== null) {
    return planned(revertTransaction(ledger, target), [{ type: "revert", transactionId: target }]);
  }
  if (kind < 0.45) {
    const of = target !== null && random.chance(0.5) ? `tx:${target}` : random.pick(ACCOUNTS);
    const keys = random.shuffle(KEYS).slice(0, random.between(1, 2));
    const metadata = Object.fromEntries(keys.map((name) => [name, `${marker}.${name}`]));
    const effects = keys.map((name) => ({
      type: "setMetadata" as const,
      target: of,
      key: name,
      value: `${marker}.${name}`,
    }));
    return planned(setMetadata(ledger, of, metadata), effects);
  }
  const one = newTransaction(random, known, marker);
  const dryRun = random.chance(0.06);
  return planned(createTransaction(ledger, one, dryRun), [effectOf(one)], dryRun);
}

/** Another body under the idempotency key of a write that was acknowledged. */
export function abuseKey(
  random: Random,
  known: Knowledge,
  { write }: PlannedWrite,
  marker: string,
): PlannedWrite {
  const other = newTransaction(random, { ...known, references: [] }, marker);
  return {
    call: createTransaction(known.ledger, other, false),
    write: {
      kind: "write",
      marker,
      dryRun: false,
      effects: [effectOf(other)],
      ...(write.idempotencyKey !== undefined && { idempotencyKey: write.idempotencyKey }),
    },
  };
}

function newTransaction(random: Random, known: Knowledge, marker: string): NewTransaction {
  const isIncome = random.chance(0.4);
  const postings = Array.from({ length: random.between(1, 3) }, () => ({
    source: isIncome ? "world" : random.pick(ACCOUNTS),
    destination: random.pick(ACCOUNTS),
    asset: random.pick(ASSETS),
    amount: random.chance(0.03) && !isIncome ? FORTUNE : BigInt(random.between(1, 100)),
  }));
  return { marker, postings, ...reference(random, known, marker) };
}

/** Some are taken already. */
function reference(
  random: Random,
  { references }: Knowledge,
  marker: string,
): { reference?: string } {
  if (!random.chance(0.15)) return {};
  const isTaken = references.length > 0 && random.chance(0.3);
  return { reference: isTaken ? random.pick(references) : `ref-${marker}` };
}

const effectOf = ({ marker, postings, reference }: NewTransaction) => ({
  type: "transaction" as const,
  marker,
  postings,
  ...(reference !== undefined && { reference }),
});
