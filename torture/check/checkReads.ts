import type { Operation, Read } from "../history.js";
import type { Attribution } from "./attribute.js";
import type { Bounds } from "./checkOrder.js";
import { createRanges, type Range } from "./ranges.js";
import type { Replay } from "./replay.js";
import type { StoredLedger } from "./state.js";
import { type Violation, violation } from "./violation.js";

type Answered = Operation & { readonly what: Read };

/** What each read proves; or that no moment of the ledger looked as it says. */
export function* boundsOfReads(
  ledger: StoredLedger,
  found: Attribution,
  replayed: Replay,
  reads: readonly Answered[],
): Generator<Violation, Bounds[]> {
  const rangeOf = createRanges(ledger, found, replayed);
  const settle = createSettle(found);
  const bounds: Bounds[] = [];
  for (const operation of reads) {
    const range = rangeOf(operation.what.seen);
    const settled = range && settle(range);
    if (settled) bounds.push({ operation, least: settled[0], most: settled[1] });
    else {
      const detail = range ? "it saw a part of a write" : "the ledger was never so";
      yield violation("impossible read", `${ledger.name}: read ${operation.id}: ${detail}`, [
        operation,
      ]);
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
