import { ACCOUNTS, ASSETS } from "./accounts.js";
import {
  type Call,
  createTransaction,
  createTransactions,
  type NewTransaction,
  revertTransaction,
  setMapping,
  setMetadata,
} from "./calls.js";
import type { Effect } from "./history.js";
import type { Knowledge, PlannedWrite } from "./knowledge.js";
import type { Random } from "./random.js";
import { scriptedTransaction } from "./scripts.js";

const KEYS = ["colour", "shape", "size"];
/** More than anybody ever has. */
const FORTUNE = 1_000_000_000_000n;

interface Plan {
  readonly call: Call;
  readonly effects: readonly Effect[];
  readonly dryRun?: boolean;
}

/** A write of any kind that nobody has planned before; `marker` is unique. */
export function planWrite(random: Random, known: Knowledge, marker: string): PlannedWrite {
  const kind = random.next();
  const target = known.transactions.length > 0 ? random.pick(known.transactions) : null;
  if (kind < 0.1) return withKey(random, marker, planBatch(random, known, marker));
  if (kind < 0.25) return withKey(random, marker, planScript(random, known, marker));
  if (kind < 0.38) return withKey(random, marker, planMetadata(random, known, marker, target));
  if (kind < 0.45 && target !== null) {
    // Several may go for the newest.
    const reverted = random.chance(0.5) ? target : (known.transactions.at(-1) ?? target);
    return withKey(random, marker, {
      call: revertTransaction(known.ledger, reverted),
      effects: [{ type: "revert", transactionId: reverted }],
    });
  }
  if (kind < 0.48) return planMapping(known, marker);
  return planTransaction(random, known, marker);
}

/** Without a key: nobody repeats it. */
const planMapping = ({ ledger }: Knowledge, marker: string): PlannedWrite => ({
  call: setMapping(ledger, marker),
  write: { kind: "write", marker, dryRun: false, effects: [], mapping: marker },
});

/** As `planWrite`, of a single transaction by its postings. */
export function planTransaction(random: Random, known: Knowledge, marker: string): PlannedWrite {
  const transaction = newTransaction(random, known, marker);
  const dryRun = random.chance(0.06);
  const call = createTransaction(known.ledger, transaction, dryRun);
  return withKey(random, marker, { call, effects: [effectOf(transaction)], dryRun });
}

/** Another body under the idempotency key of a write that was acknowledged. */
export function abuseKey(
  random: Random,
  known: Knowledge,
  { write }: PlannedWrite,
  marker: string,
): PlannedWrite {
  const { idempotencyKey } = write;
  const other = planTransaction(random, { ...known, references: [] }, marker);
  return {
    call: other.call,
    write: { ...other.write, ...(idempotencyKey !== undefined && { idempotencyKey }) },
  };
}

/** Most writers take care that they can repeat. */
function withKey(random: Random, marker: string, plan: Plan): PlannedWrite {
  const { call, effects, dryRun = false } = plan;
  const key = random.chance(0.6) ? { idempotencyKey: `key-${marker}` } : {};
  return { call, write: { kind: "write", marker, dryRun, effects, ...key } };
}

function planBatch(random: Random, known: Knowledge, marker: string): Plan {
  const all = Array.from({ length: random.between(2, 20) }, (_, index) =>
    newTransaction(random, known, `${marker}.${index}`),
  );
  return { call: createTransactions(known.ledger, all), effects: all.map(effectOf) };
}

function planScript(random: Random, { ledger }: Knowledge, marker: string): Plan {
  const transaction = scriptedTransaction(random, marker);
  const { overdrafts } = transaction;
  const effects = [{ ...effectOf(transaction), overdrafts }];
  return { call: createTransaction(ledger, transaction, false), effects };
}

function planMetadata(
  random: Random,
  { ledger }: Knowledge,
  marker: string,
  transactionId: string | null,
): Plan {
  const isOfTransaction = transactionId !== null && random.chance(0.5);
  const target = isOfTransaction ? `tx:${transactionId}` : random.pick(ACCOUNTS);
  const keys = random.shuffle(KEYS).slice(0, random.between(1, 2));
  const effects = keys.map((key) => {
    return { type: "setMetadata" as const, target, key, value: `${marker}.${key}` };
  });
  const metadata = Object.fromEntries(effects.map(({ key, value }) => [key, value]));
  return { call: setMetadata(ledger, target, metadata), effects };
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
