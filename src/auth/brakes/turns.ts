/** Runs a task of `key` when its turn has come; false, and the task is left alone, if too many wait already. */
export type Turns = (key: string, task: () => Promise<void>) => Promise<boolean>;

/** Tasks of all keys together. Each holds the request that it is for, and nobody has proved yet who sent that. */
const MOST_WAITING = 1000;

interface Lane {
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets as many tasks of a key run at a time as there is room for, which may change with each that ends; one always may.
 * The others wait, in order.
 */
export function createTurns(roomOf: (key: string) => number, mostWaiting = MOST_WAITING): Turns {
  const lanes = new Map<string, Lane>();
  let waiting = 0;
  const hasRoom = (key: string, { underWay }: Lane) => underWay === 0 || underWay < roomOf(key);
  const admit = (key: string, lane: Lane) => {
    while (hasRoom(key, lane)) {
      const next = lane.waiting.shift();
      if (next === undefined) return;
      waiting--;
      lane.underWay++;
      next();
    }
  };
  return async (key, task) => {
    const lane = lanes.get(key) ?? { underWay: 0, waiting: [] };
    if (waiting >= mostWaiting && !hasRoom(key, lane)) return false;
    lanes.set(key, lane);
    await new Promise<void>((resolve) => {
      waiting++;
      lane.waiting.push(resolve);
      admit(key, lane);
    });
    try {
      await task();
      return true;
    } finally {
      lane.underWay--;
      admit(key, lane);
      if (lane.underWay === 0) lanes.delete(key);
    }
  };
}
