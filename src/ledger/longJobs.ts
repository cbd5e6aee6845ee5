import type { Db } from "../db/database.js";

/** Room for what keeps a connection until it is done: imports, verifications. Others need connections, too. */
export interface LongJobs {
  /** Whether there was room, which is then taken until it is given back. */
  take(): boolean;
  giveBack(): void;
}

export interface LongJobsFull {
  readonly kind: "long-jobs-full";
}

/** Of the connections, one in so many is there for long jobs. */
const SHARE = 3;

export function createLongJobs(db: Db): LongJobs {
  let free = Math.max(1, Math.floor(db.client.pool.max / SHARE));
  return {
    take() {
      if (free === 0) return false;
      free--;
      return true;
    },
    giveBack() {
      free++;
    },
  };
}
