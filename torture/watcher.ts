import { setTimeout as sleep } from "node:timers/promises";
import { watchLogs } from "./grpc.js";
import type { Watched } from "./history.js";
import type { Random } from "./random.js";
import type { Server } from "./servers.js";

/** One that follows a ledger's log from its beginning, and goes on wherever it is cut off. */
export interface Watcher {
  readonly watched: Watched;
  /** Ends once it has been told of that log, or at the deadline: then false. */
  finish(lastLogId: string, deadline: number): Promise<boolean>;
}

export interface WatcherOptions {
  readonly ledger: string;
  readonly servers: readonly Server[];
  readonly token: string;
  readonly random: Random;
}

/** After which it takes its leave by itself, and goes on elsewhere. */
const STAY_MS = { least: 3_000, most: 15_000 };

export function startWatcher({ ledger, servers, token, random }: WatcherOptions): Watcher {
  const logIds: string[] = [];
  let isOver = false;
  let leave = () => {};

  async function follow(): Promise<void> {
    while (!isOver) {
      const { port } = random.pick(servers);
      const stream = watchLogs({
        port,
        token,
        ledger,
        after: logIds.at(-1) ?? null,
        onLog: (id) => logIds.push(id),
      });
      leave = stream.end;
      const timer = setTimeout(stream.end, random.between(STAY_MS.least, STAY_MS.most));
      await stream.over;
      clearTimeout(timer);
      await sleep(random.between(50, 300));
    }
  }
  const following = follow();

  return {
    watched: { ledger, logIds },
    async finish(lastLogId, deadline) {
      while (logIds.at(-1) !== lastLogId && performance.now() < deadline) await sleep(50);
      isOver = true;
      leave();
      await following;
      return logIds.at(-1) === lastLogId;
    },
  };
}
