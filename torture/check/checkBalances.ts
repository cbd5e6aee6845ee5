import type { Attribution } from "./attribute.js";
import { canonical } from "./canonical.js";
import { type Change, EMPTY, type Replay, replay } from "./replay.js";
import type { StoredLedger, TransactionLog, Volume } from "./state.js";
import { type Violation, violation } from "./violation.js";

/** What is stored besides the logs follows from them; value is neither made nor lost; nobody spent what he had not. */
export function* checkBalances(
  ledger: StoredLedger,
  found: Attribution,
): Generator<Violation, Replay> {
  const violations: Violation[] = [];
  const replayed = replay(ledger, (log, changes, position) =>
    violations.push(...checkTransaction(ledger.name, log, changes, found, position)),
  );
  yield* violations;
  yield* checkVolumes(ledger, replayed);
  yield* checkMetadata(ledger, replayed);
  return replayed;
}

function* checkTransaction(
  name: string,
  { id, before }: TransactionLog,
  changes: readonly Change[],
  { owners }: Attribution,
  position: number,
): Iterable<Violation> {
  const owner = owners[position];
  if (
    before.size !== changes.length ||
    changes.some((each) => !isSame(before.get(each.key), each.before))
  ) {
    yield violation(
      "stored volumes",
      `${name}: log ${id} was decided on other volumes`,
      owner?.attempts,
    );
  }
  const allowed = owner?.effects.flatMap((effect) =>
    effect.type === "transaction" ? (effect.overdrafts ?? []) : [],
  );
  for (const { key, before, after } of changes) {
    const [account = ""] = key.split(" ");
    const isPaying = after.output - after.input > before.output - before.input;
    if (account === "world" || !isPaying || after.input >= after.output) continue;
    if (allowed?.includes(account)) continue;
    yield violation("overdraft", `${name}: log ${id} overdraws ${key}`, owner?.attempts);
  }
}

function* checkVolumes({ name, volumes }: StoredLedger, { history }: Replay): Iterable<Violation> {
  const sums = new Map<string, bigint>();
  for (const key of new Set([...volumes.keys(), ...history.keys()])) {
    const { input, output } = volumes.get(key) ?? EMPTY;
    const [, asset = ""] = key.split(" ");
    sums.set(asset, (sums.get(asset) ?? 0n) + input - output);
    if (isSame(volumes.get(key), history.get(key)?.at(-1) ?? EMPTY)) continue;
    yield violation("stored volumes", `${name}: ${key} is not what the logs come to`);
  }
  for (const [asset, sum] of sums) {
    if (sum !== 0n) yield violation("conservation", `${name}: ${asset} adds up to ${sum}`);
  }
}

function* checkMetadata(ledger: StoredLedger, { metadata }: Replay): Iterable<Violation> {
  for (const target of new Set([...ledger.metadata.keys(), ...metadata.keys()])) {
    if (textOf(ledger.metadata, target) === textOf(metadata, target)) continue;
    yield violation(
      "stored metadata",
      `${ledger.name}: that of ${target} does not follow from the logs`,
    );
  }
}

const textOf = (metadata: StoredLedger["metadata"], target: string): string =>
  canonical(metadata.get(target) ?? {});

/** A volume that is not there is empty. */
const isSame = (a: Volume = EMPTY, b: Volume): boolean =>
  a.input === b.input && a.output === b.output;
