import type { Operation } from "../history.js";
import type { Attribution } from "./attribute.js";
import type { Bounds } from "./checkOrder.js";

/** How many logs a ledger may have had at some moment of an operation, ascending. */
export type Moments = (operation: Pick<Operation, "begin" | "end">) => Iterable<number>;

/** Real time tells: who ended before it began proves the least, who began after it ended the most. Nobody sees half a write. */
export function createMoments(
  { owners }: Attribution,
  bounds: readonly Bounds[],
  size: number,
): Moments {
  const ended: { readonly at: number; readonly least: number }[] = [];
  for (const { operation, least } of bounds.toSorted(byEnd)) {
    ended.push({ at: operation.end, least: Math.max(least, ended.at(-1)?.least ?? 0) });
  }
  const begun: { readonly at: number; readonly most: number }[] = [];
  for (const { operation, most } of bounds.toSorted(byBeginBackwards)) {
    begun.push({ at: operation.begin, most: Math.min(most, begun.at(-1)?.most ?? size) });
  }
  return function* ({ begin, end }) {
    const from = lastWhere(ended, ({ at }) => at < begin)?.least ?? 0;
    const to = lastWhere(begun, ({ at }) => at > end)?.most ?? size;
    for (let count = from; count <= to; count++) {
      const owner = owners[count];
      if (owner === undefined || owner !== owners[count - 1]) yield count;
    }
  };
}

/** Those without an end come last. */
const byEnd = ({ operation: a }: Bounds, { operation: b }: Bounds): number =>
  a.end === b.end ? 0 : a.end - b.end;

const byBeginBackwards = ({ operation: a }: Bounds, { operation: b }: Bounds): number =>
  b.begin - a.begin;

/** The last of those at the beginning of `list` for which `holds`; none may follow them. */
function lastWhere<T>(list: readonly T[], holds: (item: T) => boolean): T | undefined {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}
