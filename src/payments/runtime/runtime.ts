import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { AnyConnector } from "../connectors/connector.js";
import {
  type Claimed,
  claimTasks,
  endRun,
  findDue,
  giveLeaseBack,
  renewLeases,
} from "../store/leases.js";
import { createHttpClient, type HttpClient } from "./http.js";
import { type RunOptions, runTask } from "./runTask.js";
import { keepSession } from "./session.js";

const DEFAULTS = {
  /** Between two looks at what is due. */
  pollMs: 500,
  /** After a process died, another one goes on within this time. */
  leaseMs: 15_000,
};

/** How long a run that was broken off is waited for. What it still does cannot be committed. */
const MOST_PATIENCE_MS = 5_000;

/** A connector that is installed. */
export interface Installed {
  readonly id: string;
  readonly connector: AnyConnector;
  readonly config: unknown;
}

export interface RuntimeOptions extends RunOptions, Partial<typeof DEFAULTS> {
  readonly logger: Logger;
  /** The installation of this id; null if it is gone, or of a kind that this program does not know. Rejects if it cannot run. */
  readonly find: (id: string) => Promise<Installed | null>;
}

/** Runs the tasks of all connectors, together with the runtimes of other processes. */
export interface Runtime {
  /** Tells that something is due. It would be found without, but later. */
  wake(): void;
  /** Breaks off all runs for an installation; resolves when they are over. */
  halt(connector: string): Promise<void>;
  /** Breaks off all runs, and lets others go on with them at once. */
  stop(): Promise<void>;
}

interface Running {
  readonly claimed: Claimed;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

export function startRuntime(options: RuntimeOptions): Runtime {
  const { db, logger, find, clock } = options;
  const { pollMs, leaseMs } = { ...DEFAULTS, ...options };
  const running = new Map<string, Running>();
  const clients = new Map<string, HttpClient>();
  const unusable = new Set<string>();
  const stopping = new AbortController();
  let wake = () => {};
  let isWoken = false;
  let renewedAt = performance.now();

  function wakeUp(): void {
    isWoken = true;
    wake();
  }

  async function loop(): Promise<void> {
    let isFailing = false;
    while (!stopping.signal.aborted) {
      isWoken = false;
      try {
        await look();
        isFailing = false;
      } catch (error) {
        if (!isFailing) logger.error({ err: error }, "tasks of connectors cannot be looked for");
        isFailing = true;
      }
      if (!isWoken) await rest();
    }
  }

  /** Until it is woken, or for `pollMs`. */
  async function rest(): Promise<void> {
    const woken = new AbortController();
    wake = () => woken.abort();
    await sleep(pollMs, null, { signal: AbortSignal.any([woken.signal, stopping.signal]) }).catch(
      () => {},
    );
    wake = () => {};
  }

  async function look(): Promise<void> {
    await renew();
    for (const id of await findDue(db)) {
      if (stopping.signal.aborted) return;
      const installed = await findUsable(id);
      if (installed === null) continue;
      const { maxTasks } = installed.connector;
      for (const claimed of await claimTasks(db, id, { maxTasks, leaseMs }))
        begin(installed, claimed);
    }
  }

  /** One that cannot run is in no other's way. It is complained of once. */
  async function findUsable(id: string): Promise<Installed | null> {
    try {
      const installed = await find(id);
      unusable.delete(id);
      return installed;
    } catch (error) {
      if (!unusable.has(id)) logger.error({ err: error }, "a connector cannot run");
      unusable.add(id);
      return null;
    }
  }

  /** Also finds out which runs are in vain: those of connectors that are gone, and those that others have taken over. */
  async function renew(): Promise<void> {
    if (running.size === 0 || performance.now() - renewedAt < Math.min(leaseMs / 3, 1000)) return;
    renewedAt = performance.now();
    const leases = [...running.values()].map(({ claimed }) => claimed);
    const ours = await renewLeases(db, leases, leaseMs);
    for (const { task, fence } of leases) {
      const run = running.get(task);
      if (run?.claimed.fence === fence && !ours.has(task)) run.abort.abort();
    }
  }

  function begin(installed: Installed, claimed: Claimed): void {
    const abort = new AbortController();
    // A process that has lost a lease without knowing may get it anew.
    running.get(claimed.task)?.abort.abort();
    const ended = work(installed, claimed, abort.signal).finally(() => {
      if (running.get(claimed.task)?.claimed === claimed) running.delete(claimed.task);
      wakeUp();
    });
    running.set(claimed.task, { claimed, abort, ended });
    if (stopping.signal.aborted) abort.abort();
  }

  async function work(installed: Installed, claimed: Claimed, signal: AbortSignal): Promise<void> {
    const { connector, config } = installed;
    const context = { provider: connector.provider, task: claimed.task };
    try {
      const http = clientOf(installed)(signal);
      const ending = await runTask(options, {
        connector,
        config,
        claimed,
        http,
        signal,
        onSpawn: wakeUp,
      });
      if (ending === null) await giveLeaseBack(db, claimed);
      else {
        if (ending.error)
          logger.warn({ ...context, reason: ending.error }, "a task of a connector failed");
        await endRun(db, claimed, ending, clock());
      }
    } catch (error) {
      // Its lease runs out, and somebody tries again.
      logger.error({ ...context, err: error }, "the end of a task was not written down");
    }
  }

  /** One client for all tasks of an installation: the provider's limits are for all together. */
  function clientOf({ id, connector, config }: Installed): HttpClient {
    const known = clients.get(id);
    if (known) return known;
    const target = connector.http?.(config) ?? null;
    const client = createHttpClient(target);
    const inSession = target?.logIn
      ? keepSession(client, target.logIn, target.refusedLoginRestsMs)
      : client;
    clients.set(id, inSession);
    return inSession;
  }

  async function breakOff(isMeant: (claimed: Claimed) => boolean): Promise<void> {
    const meant = [...running.values()].filter(({ claimed }) => isMeant(claimed));
    for (const { abort } of meant) abort.abort();
    const ended = Promise.all(meant.map(({ ended }) => ended));
    await Promise.race([ended, sleep(MOST_PATIENCE_MS, null, { ref: false })]);
  }

  const ended = loop();
  return {
    wake: wakeUp,
    async halt(connector) {
      await breakOff((claimed) => claimed.connector === connector);
      clients.delete(connector);
    },
    async stop() {
      stopping.abort();
      await ended;
      await breakOff(() => true);
    },
  };
}
