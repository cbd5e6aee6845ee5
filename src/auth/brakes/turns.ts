/** Runs a task of `key` when its turn has come. */
export type Turns = (key: string, task: () => Promise<void>) => Promise<void>;

interface Lane {
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets as many tasks of a key run at a time as there is room for, which may change with each that ends; one always may.
 * The others wait, in order.
 */
export function createTurns(roomOf: (key: string) => number): Turns {
  const lanes = new Map<string, Lane>();
  const admit = (key: string, lane: Lane) => {
    while (lane.underWay === 0 || lane.underWay < roomOf(key)) {
      const next = lane.waiting.shift();
      if (next === undefined) return;
      lane.underWay++;
      next();
    }
  };
  return async (key, task) => {
    const lane = lanes.get(key) ?? { underWay: 0, waiting: [] };
    lanes.set(key, lane);
    await new Promise<void>((resolve) => {
      lane.waiting.push(resolve);
      admit(key, lane);
    });
    try {
      await task();
    } finally {
      lane.underWay--;
      admit(key, lane);
      if (lane.underWay === 0) lanes.delete(key);
    }
  };
}
