/** Runs a task when its turn has come. */
export type Turns = <T>(task: () => Promise<T>) => Promise<T>;

/** Lets `limit` tasks run at a time; the others wait in the order in which they came. */
export function atMost(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (task) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
