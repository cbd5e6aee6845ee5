import type { JsonObject } from "../history.js";
import { canonical } from "./canonical.js";
import type { StoredLog } from "./state.js";

/** From a position on, a key has that value. */
interface ValueStep {
  readonly position: number;
  readonly text: string;
}

/** How the metadata of each target grew, that of transactions from their creation on. */
export type MetadataSteps = ReadonlyMap<string, ReadonlyMap<string, readonly ValueStep[]>>;

export function metadataSteps(logs: readonly StoredLog[]): MetadataSteps {
  const all = new Map<string, Map<string, ValueStep[]>>();
  for (const [position, log] of logs.entries()) {
    const target = log.type === "transaction" ? `tx:${log.txid}` : log.target;
    const keys = all.get(target) ?? new Map<string, ValueStep[]>();
    all.set(target, keys);
    for (const [key, value] of Object.entries(log.metadata)) {
      const step = { position, text: canonical(value) };
      const steps = keys.get(key);
      if (steps) steps.push(step);
      else keys.set(key, [step]);
    }
  }
  return all;
}

/** When the metadata of `target` was `seen`: from how many logs on, and up to how many; null if never. */
export function whenMetadata(
  all: MetadataSteps,
  target: string,
  seen: JsonObject,
  size: number,
): readonly [number, number] | null {
  const keys = all.get(target) ?? new Map<string, readonly ValueStep[]>();
  if (Object.keys(seen).some((key) => !keys.has(key))) return null;
  let [least, most] = [0, size];
  for (const [key, steps] of keys) {
    const value = seen[key];
    // Values are unique, but for those that never change.
    const at = value === undefined ? -1 : steps.findIndex(({ text }) => text === canonical(value));
    if (value !== undefined && at < 0) return null;
    least = Math.max(least, (steps[at]?.position ?? -1) + 1);
    most = Math.min(most, steps[at + 1]?.position ?? size);
  }
  return least <= most ? [least, most] : null;
}
