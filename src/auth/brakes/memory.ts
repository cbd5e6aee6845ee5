import { ownText } from "../../lib/ownText.js";
import type { Clock, Micros } from "../../lib/time.js";

/** What is remembered, and until when. */
export interface Remembered<V> {
  readonly value: V;
  readonly endsAt: Micros;
}

export interface Memory<V> {
  find(key: string): Remembered<V> | undefined;
  /** Remembers `value` for a lifetime from now. */
  put(key: string, value: V): void;
}

/** Whoever invents callers must not fill our memory: beyond this many keys, the oldest are forgotten. */
const CAPACITY = 50_000;

export function createMemory<V>(lifetime: Micros, clock: Clock): Memory<V> {
  /** All live equally long, so the oldest, which come first, end first. */
  const all = new Map<string, Remembered<V>>();
  return {
    find(key) {
      const found = all.get(key);
      return found && found.endsAt > clock() ? found : undefined;
    },
    put(key, value) {
      const now = clock();
      all.delete(key);
      all.set(ownText(key), { value, endsAt: now + lifetime });
      for (const [oldest, { endsAt }] of all) {
        if (endsAt > now && all.size <= CAPACITY) return;
        all.delete(oldest);
      }
    },
  };
}
