import type { JsonObject, Posting } from "../history.js";
import { type StoredLedger, type TransactionLog, type Volume, volumeKey } from "./state.js";

/** A volume from a position on. */
export interface Step extends Volume {
  /** Of the log that made it so. */
  readonly position: number;
}

/** What a ledger's logs come to. */
export interface Replay {
  /** How each volume grew, by `volumeKey`; only logs that changed it. */
  readonly history: ReadonlyMap<string, readonly Step[]>;
  /** By target, without that of transactions at their creation. */
  readonly metadata: ReadonlyMap<string, JsonObject>;
}

export interface Change {
  readonly key: string;
  readonly before: Volume;
  readonly after: Volume;
}

export const EMPTY: Volume = { input: 0n, output: 0n };

/** Replays `logs` in their order; `visit` is told what each transaction changes. */
export function replay(
  { logs }: Pick<StoredLedger, "logs">,
  visit: (log: TransactionLog, changes: readonly Change[], position: number) => void,
): Replay {
  const history = new Map<string, Step[]>();
  const metadata = new Map<string, JsonObject>();
  for (const [position, log] of logs.entries()) {
    if (log.type === "metadata") {
      metadata.set(log.target, { ...metadata.get(log.target), ...log.metadata });
      continue;
    }
    const changes = changesOf(log.postings, (key) => history.get(key)?.at(-1) ?? EMPTY);
    visit(log, changes, position);
    for (const { key, before, after } of changes) {
      if (before.input === after.input && before.output === after.output) continue;
      const steps = history.get(key);
      if (steps) steps.push({ position, ...after });
      else history.set(key, [{ position, ...after }]);
    }
  }
  return { history, metadata };
}

/** What `postings` change, each volume once. */
export function changesOf(
  postings: readonly Posting[],
  volumeOf: (key: string) => Volume,
): Change[] {
  const changes = new Map<string, Change>();
  for (const { source, destination, asset, amount } of postings) {
    add(volumeKey(source, asset), 0n, amount);
    add(volumeKey(destination, asset), amount, 0n);
  }
  return [...changes.values()];

  function add(key: string, input: bigint, output: bigint): void {
    const { before, after } = changes.get(key) ?? { before: volumeOf(key), after: volumeOf(key) };
    const next = { input: after.input + input, output: after.output + output };
    changes.set(key, { key, before: { input: before.input, output: before.output }, after: next });
  }
}

/** What a volume was when the ledger had `count` logs. */
export function volumeAt(steps: readonly Step[], count: number): Volume {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.position ?? 0) < count) low = middle + 1;
    else high = middle;
  }
  return steps[low - 1] ?? EMPTY;
}
