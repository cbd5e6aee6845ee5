import type { Operation, Read, Seen } from "../history.js";
import { type Attribution, REVERTED } from "./attribute.js";
import type { Bounds } from "./checkOrder.js";
import { EMPTY, type Replay, type Step } from "./replay.js";
import { type StoredLedger, volumeKey } from "./state.js";
import { type Violation, violation } from "./violation.js";

type Answered = Operation & { readonly what: Read };

/** How many logs a ledger had: from and up to. */
type Range = readonly [least: number, most: number];

/** What each read proves; or that no moment of the ledger looked as it says. */
export function* boundsOfReads(
  ledger: StoredLedger,
  found: Attribution,
  replayed: Replay,
  reads: readonly Answered[],
): Generator<Violation, Bounds[]> {
  const rangesOf = createRanges(ledger, found, replayed);
  const settle = createSettle(found);
  const bounds: Bounds[] = [];
  for (const operation of reads) {
    for (const range of rangesOf(operation.what.seen)) {
      const settled = range && settle(range);
      if (settled) bounds.push({ operation, least: settled[0], most: settled[1] });
      else {
        const detail = range ? "it saw a part of a write" : "the ledger was never so";
        yield violation("impossible read", `${ledger.name}: read ${operation.id}: ${detail}`, [
          operation,
        ]);
      }
    }
  }
  return bounds;
}

/** Only whole writes are ever seen: cuts a range down to where one ends. */
function createSettle({ owners, requests }: Attribution) {
  const insides = new Map(
    requests.map((each) => [each, [each.logs[0] ?? 0, each.logs.at(-1) ?? 0]]),
  );
  /** The first and last log of the write that a ledger of `count` logs is inside of. */
  const around = (count: number): readonly number[] | undefined => {
    const owner = owners[count];
    return owner && owner === owners[count - 1] ? insides.get(owner) : undefined;
  };
  return ([least, most]: Range): Range | null => {
    const from = around(least);
    const to = around(most);
    const range = [from ? (from[1] ?? 0) + 1 : least, to ? (to[0] ?? 0) : most] as const;
    return range[0] <= range[1] ? range : null;
  };
}

/** Tells when the ledger looked as a read saw it; null if it never did. Each range is of a look of its own. */
function createRanges(ledger: StoredLedger, { transactions }: Attribution, { history }: Replay) {
  const size = ledger.logs.length;
  const numbers = ledger.logs.flatMap((log, position) =>
    log.type === "transaction" ? [position] : [],
  );
  const placeInNumbers = new Map(numbers.map((position, index) => [position, index]));
  const ids = new Map(ledger.logs.map(({ id }, position) => [String(id), position]));
  const marks = new Map<string, number>();
  for (const [position, log] of ledger.logs.entries()) {
    if (log.type === "metadata" && REVERTED in log.metadata) marks.set(log.target, position);
  }
  const assets = new Map<string, string[]>();
  for (const key of history.keys()) {
    const [account = "", asset = ""] = key.split(" ");
    assets.set(account, [...(assets.get(account) ?? []), asset]);
  }

  function account({ address, volumes }: Seen & { type: "account" }): Range | null {
    let [least, most] = [0, size];
    for (const asset of new Set([...(assets.get(address) ?? []), ...Object.keys(volumes)])) {
      const { input, output } = volumes[asset] ?? EMPTY;
      const range = during(history.get(volumeKey(address, asset)) ?? [], input, output, size);
      if (range === null) return null;
      least = Math.max(least, range[0]);
      most = Math.min(most, range[1]);
    }
    return least <= most ? [least, most] : null;
  }

  function transaction({
    id,
    found,
    marker,
    reverted,
  }: Seen & { type: "transaction" }): Range | null {
    const position = transactions.get(id);
    if (position === undefined) return found ? null : [0, size];
    if (!found) return [0, position];
    const stored = ledger.logs[position]?.metadata["torture"];
    if (marker !== undefined && !JSON.stringify(stored ?? null).includes(JSON.stringify(marker)))
      return null;
    const mark = marks.get(`tx:${id}`);
    if (reverted === undefined) return [position + 1, size];
    if (reverted) return mark === undefined ? null : [mark + 1, size];
    return [position + 1, mark ?? size];
  }

  function newestTransaction(id: string | null): Range | null {
    if (id === null) return [0, numbers[0] ?? size];
    const position = transactions.get(id);
    if (position === undefined) return null;
    return [position + 1, numbers[(placeInNumbers.get(position) ?? 0) + 1] ?? size];
  }

  function newestLog(id: string | null): Range | null {
    if (id === null) return [0, 0];
    const position = ids.get(id);
    return position === undefined ? null : [position + 1, position + 1];
  }

  return (seen: Seen): (Range | null)[] => {
    if (seen.type === "account") return [account(seen)];
    if (seen.type === "transaction") return [transaction(seen)];
    if (seen.type === "nothing") return [];
    const { lastTransactionId: txid, lastLogId: log } = seen;
    return [
      ...(txid === undefined ? [] : [newestTransaction(txid)]),
      ...(log === undefined ? [] : [newestLog(log)]),
    ];
  };
}

/** When a volume was so: it only ever grows, so that is one stretch. */
function during(steps: readonly Step[], input: bigint, output: bigint, size: number): Range | null {
  const sum = input + output;
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const step = steps[middle];
    if (step && step.input + step.output <= sum) low = middle + 1;
    else high = middle;
  }
  // `low` is the first step that is more than what was seen.
  const at = steps[low - 1] ?? { ...EMPTY, position: -1 };
  if (at.input !== input || at.output !== output) return null;
  return [at.position + 1, steps[low]?.position ?? size];
}
