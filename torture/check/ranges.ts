import type { Seen } from "../history.js";
import type { Attribution } from "./attribute.js";
import { metadataSteps, whenMetadata } from "./metadataSteps.js";
import { EMPTY, type Replay, type Step } from "./replay.js";
import { type StoredLedger, volumeKey } from "./state.js";

/** How many logs a ledger had: from and up to. */
export type Range = readonly [least: number, most: number];

type SeenAs<Type> = Extract<Seen, { readonly type: Type }>;

/** Tells when the ledger looked as a read saw it; null if it never did. What says nothing of that fits any time. */
export function createRanges(
  ledger: StoredLedger,
  { transactions }: Attribution,
  { history }: Replay,
): (seen: Seen) => Range | null {
  const { logs } = ledger;
  const size = logs.length;
  const always: Range = [0, size];
  const metadata = metadataSteps(logs);
  const touching = positionsByAccount(ledger);
  const every = [...logs.keys()];
  const assets = new Map<string, string[]>();
  for (const key of history.keys()) {
    const [account = "", asset = ""] = key.split(" ");
    assets.set(account, [...(assets.get(account) ?? []), asset]);
  }

  function account({ address, volumes, metadata: seen }: SeenAs<"account">): Range | null {
    const all = new Set([...(assets.get(address) ?? []), ...Object.keys(volumes)]);
    const ranges = [...all].map((asset) => {
      const { input, output } = volumes[asset] ?? EMPTY;
      return during(history.get(volumeKey(address, asset)) ?? [], input, output, size);
    });
    return common([always, seen ? whenMetadata(metadata, address, seen, size) : always, ...ranges]);
  }

  function transaction({ id, found, metadata: seen }: SeenAs<"transaction">): Range | null {
    const position = transactions.get(id);
    if (position === undefined) return found ? null : always;
    if (!found) return [0, position];
    const since: Range = [position + 1, size];
    return seen ? common([since, whenMetadata(metadata, `tx:${id}`, seen, size)]) : since;
  }

  function page(seen: SeenAs<"transactions">): Range | null {
    const candidates = touching.get(seen.account ?? ALL) ?? [];
    const positions = seen.items.map(({ id }) => transactions.get(id));
    const newest = newestOf(candidates, positions, seen);
    const items = seen.items.map(
      (item) => ({ type: "transaction", found: true, ...item }) as const,
    );
    return common([newest, ...items.map(transaction)]);
  }

  function logPage(seen: SeenAs<"logs">): Range | null {
    const positions = seen.items.map(({ id }) => Number(id));
    const isTrue = seen.items.every(({ id, hash }) => logs[Number(id)]?.hash === hash);
    return isTrue ? newestOf(every, positions, seen) : null;
  }

  /** When the newest of `candidates` were those at `positions`, and as many as fit. */
  function newestOf(
    candidates: readonly number[],
    positions: readonly (number | undefined)[],
    { pageSize, hasMore }: { readonly pageSize: number; readonly hasMore: boolean },
  ): Range | null {
    const [newest] = positions;
    const count = newest === undefined ? 0 : candidates.indexOf(newest) + 1;
    const expected = candidates.slice(Math.max(0, count - pageSize), count).reverse();
    if (expected.join() !== positions.join() || hasMore !== count > pageSize) return null;
    return [(candidates[count - 1] ?? -1) + 1, candidates[count] ?? size];
  }

  return (seen) => {
    if (seen.type === "account") return account(seen);
    if (seen.type === "transaction") return transaction(seen);
    if (seen.type === "transactions") return page(seen);
    if (seen.type === "logs") return logPage(seen);
    return always;
  };
}

/** No address is empty. */
const ALL = "";

/** The positions of all transactions, and of those that touch an account. */
function positionsByAccount({ logs }: StoredLedger): Map<string, number[]> {
  const all = new Map<string, number[]>();
  for (const [position, log] of logs.entries()) {
    if (log.type !== "transaction") continue;
    const accounts = log.postings.flatMap(({ source, destination }) => [source, destination]);
    for (const account of new Set([ALL, ...accounts])) {
      const positions = all.get(account);
      if (positions) positions.push(position);
      else all.set(account, [position]);
    }
  }
  return all;
}

function common(ranges: readonly (Range | null)[]): Range | null {
  let [least, most] = [0, Infinity];
  for (const range of ranges) {
    if (range === null) return null;
    least = Math.max(least, range[0]);
    most = Math.min(most, range[1]);
  }
  return least <= most ? [least, most] : null;
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
