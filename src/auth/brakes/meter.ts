import type { Clock, Micros } from "../../lib/time.js";
import { createMemory } from "./memory.js";

/** How many points a key may collect within a window, which begins with the first of them. */
export interface Limit {
  readonly points: number;
  readonly window: Micros;
}

export interface Meter {
  add(key: string, points: number): void;
  /** How many points `key` may still collect. */
  leftOf(key: string): number;
  /** How long `key` is still at its limit; 0n if it is below. */
  heldFor(key: string): Micros;
}

export function createMeter({ points: limit, window }: Limit, clock: Clock): Meter {
  const windows = createMemory<{ points: number }>(window, clock);
  return {
    add(key, points) {
      const found = windows.find(key);
      if (found === undefined) windows.put(key, { points });
      else found.value.points += points;
    },
    leftOf: (key) => Math.max(0, limit - (windows.find(key)?.value.points ?? 0)),
    heldFor(key) {
      const found = windows.find(key);
      return found && found.value.points >= limit ? found.endsAt - clock() : 0n;
    },
  };
}

/** The header of that name, for who is held for so long: whole seconds, none too few. */
export const retryAfter = (heldFor: Micros): string => String((heldFor + 999_999n) / 1_000_000n);
