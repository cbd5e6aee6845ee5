import { atMost } from "../lib/atMost.js";
import type { Log } from "./domain/log.js";
import type { Ledger } from "./ledger.js";
import { followLogs, type LogTail } from "./logTail.js";

/**
 * The logs of the ledger called `name` after that id, or all: first those that there are, then each as it is committed,
 * until `signal` aborts.
 */
export type WatchLogs = (
  name: string,
  after: bigint | null,
  signal: AbortSignal,
) => AsyncGenerator<Log>;

/** A ledger's log, and how many watch it. */
interface Watched {
  readonly tail: LogTail;
  watchers: number;
}

/** Of the connections, one in so many is there for all watchers together: writers must not wait for them. */
const SHARE = 4;

/** Lets any number watch: those who keep up share what is read, and one who is slow holds nobody up. */
export function createLogWatch(ledger: Ledger): WatchLogs {
  const inTurn = atMost(Math.max(1, Math.floor(ledger.db.client.pool.max / SHARE)));
  const all = new Map<string, Watched>();

  function join(name: string): Watched {
    let watched = all.get(name);
    if (watched === undefined || watched.tail.isBroken) {
      watched = { tail: followLogs(ledger, name, inTurn), watchers: 0 };
      all.set(name, watched);
    }
    watched.watchers++;
    return watched;
  }

  function leave(name: string, watched: Watched): void {
    if (--watched.watchers > 0) return;
    watched.tail.close();
    if (all.get(name) === watched) all.delete(name);
  }

  return async function* watchLogs(name, after, signal) {
    const watched = join(name);
    const { tail } = watched;
    try {
      for (let next = after === null ? 0n : after + 1n; ; ) {
        const logs = await tail.read(next);
        for (const log of logs) yield log;
        next += BigInt(logs.length);
        await tail.reach(next, signal);
      }
    } finally {
      leave(name, watched);
    }
  };
}
