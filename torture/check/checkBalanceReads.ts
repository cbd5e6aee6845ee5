import type { Operation, Read } from "../history.js";
import type { Moments } from "./moments.js";
import { type Replay, volumeAt } from "./replay.js";
import type { StoredLedger } from "./state.js";
import { type Violation, violation } from "./violation.js";

type Answered = Operation & { readonly what: Read };

/** The balances of all accounts that a read saw were so at one and the same moment, between question and answer. */
export function* checkBalanceReads(
  { name }: StoredLedger,
  { history }: Replay,
  momentsOf: Moments,
  reads: readonly Answered[],
): Iterable<Violation> {
  const keys = [...history.keys()];
  for (const operation of reads) {
    const { seen } = operation.what;
    if (seen.type !== "balances") continue;
    const told = new Map(Object.entries(seen.balances));
    const wasSo = (count: number): boolean =>
      keys.every((key) => {
        const { input, output } = volumeAt(history.get(key) ?? [], count);
        return input - output === (told.get(key) ?? 0n);
      });
    const isStrange = [...told].some(([key, balance]) => balance !== 0n && !history.has(key));
    if (!isStrange && [...momentsOf(operation)].some(wasSo)) continue;
    const detail = `${name}: read ${operation.id}: the balances were never so together`;
    yield violation("impossible read", detail, [operation]);
  }
}
