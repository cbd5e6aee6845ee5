/** What calls are made by, lent to one call at a time. */
export interface Lender<T> {
  /** One that is free, or a new one; else the next that is given back, or null if `giveUp` is called before. */
  borrow(): T | Promise<T | null>;
  giveBack(item: T): void;
  /** Whoever waits gets none. */
  giveUp(): void;
}

/** Lends what `make` makes, which answers null when there are enough. */
export function createLender<T>(make: () => T | null): Lender<T> {
  const free: T[] = [];
  const waiting: ((item: T | null) => void)[] = [];
  return {
    borrow: () => free.pop() ?? make() ?? new Promise((resolve) => waiting.push(resolve)),
    giveBack(item) {
      const next = waiting.shift();
      if (next) next(item);
      else free.push(item);
    },
    giveUp() {
      for (const resolve of waiting.splice(0)) resolve(null);
    },
  };
}
