import { setTimeout as sleep } from "node:timers/promises";
import { atMost } from "../../lib/atMost.js";
import type { Result } from "../../lib/result.js";
import type { Span, Tracing } from "../../lib/tracing.js";
import type { AnyConnector, Http, HttpTarget } from "../connectors/connector.js";
import {
  type Claimed,
  claimTasks,
  endRun,
  findDue,
  giveLeaseBack,
  noteTrouble,
} from "../store/leases.js";
import { createHttpClient, type HttpClient } from "./http.js";
import { keepLeases, type Running } from "./keepLeases.js";
import { type Means, OUR_FAULT, type RunOptions, runTask } from "./runTask.js";
import { keepSession } from "./session.js";

const DEFAULTS = {
  /** Between two looks at what is due. */
  pollMs: 500,
  /** After a process died, another one goes on within this time. */
  leaseMs: 15_000,
};

/** What nobody has taken after so many looks, nobody can run. */
const MOST_LOOKS = 10;

/** Why runs of a connector are broken off that will be no more. */
const REMOVAL = new Error("the connector is removed");

/** How long a run that was broken off is waited for. What it still does cannot be committed. */
const MOST_PATIENCE_MS = 5_000;

/** A connector that is installed. */
export interface Installed {
  readonly id: string;
  readonly connector: AnyConnector;
  readonly config: unknown;
}

export interface RuntimeOptions extends RunOptions, Partial<typeof DEFAULTS> {
  /** The installation of this id, or why it cannot run; null if it is gone. */
  readonly find: (id: string) => Promise<Result<Installed, string> | null>;
}

/** Runs the tasks of all connectors, together with the runtimes of other processes. */
export interface Runtime {
  /** Speaks to the provider of an installation, within the limits that its tasks keep, as a part of `span`. */
  http(installed: Installed, span: Span | null): Http;
  /** Tells that something is due. It would be found without, but later. */
  wake(): void;
  /** Breaks off all runs for an installation; resolves when they are over. */
  halt(connector: string): Promise<void>;
  /** Breaks off all runs, and lets others go on with them at once. */
  stop(): Promise<void>;
}

export function startRuntime(options: RuntimeOptions): Runtime {
  const { db, logger, find, clock } = options;
  const { pollMs, leaseMs } = { ...DEFAULTS, ...options };
  const running = new Map<string, Running>();
  const means = new Map<string, Means>();
  const troubles = new Map<string, string>();
  const leases = keepLeases(options, running, leaseMs);
  const stopping = new AbortController();
  let wake = () => {};
  let isWoken = false;

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
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, pollMs);
    });

  async function look(): Promise<void> {
    for (const id of await findDue(db)) {
      if (stopping.signal.aborted) return;
      try {
        const found = await find(id);
        if (found?.ok) await take(found.value);
        else if (found) await complain(id, found.failure);
      } catch (error) {
        await complain(id, OUR_FAULT, error);
      }
    }
  }

  async function take(installed: Installed): Promise<void> {
    const { id, connector } = installed;
    const own = meansOf(installed);
    const claims = await claimTasks(db, id, { maxTasks: connector.maxTasks, leaseMs });
    troubles.delete(id);
    for (const claimed of claims) begin(installed, own, claimed);
  }

  /** One that cannot run is in no other's way: its tasks say why, the log says it once. */
  async function complain(id: string, problem: string, err?: unknown): Promise<void> {
    if (troubles.get(id) !== problem) logger.error({ problem, err }, "a connector cannot run");
    troubles.set(id, problem);
    await noteTrouble(db, id, problem, { overdueMs: MOST_LOOKS * pollMs, now: clock() });
  }

  function begin(installed: Installed, own: Means, claimed: Claimed): void {
    const abort = new AbortController();
    // A process that has lost a lease without knowing may get it anew.
    running.get(claimed.task)?.abort.abort();
    const ended = work(installed, own, claimed, abort.signal).finally(() => {
      if (running.get(claimed.task)?.claimed === claimed) running.delete(claimed.task);
      wakeUp();
    });
    running.set(claimed.task, { claimed, abort, ended });
    if (stopping.signal.aborted) abort.abort();
  }

  async function work(
    { connector, config }: Installed,
    own: Means,
    claimed: Claimed,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const run = { connector, config, claimed, signal, onSpawn: wakeUp, ...own };
      const ending = await runTask(options, run);
      // What is about to be removed is not to be begun again by anybody.
      if (ending === null && signal.reason !== REMOVAL) await giveLeaseBack(db, claimed);
      else if (ending !== null) await endRun(db, claimed, ending, clock());
    } catch (err) {
      const { provider, task } = claimed;
      // Its lease runs out, and somebody tries again.
      logger.error({ provider, task, err }, "the end of a task was not written down");
    }
  }

  /** The same for all tasks of an installation: the provider's limits are for all together. */
  function meansOf({ id, connector, config }: Installed): Means {
    const own = means.get(id) ?? {
      client: clientFor(connector.http?.(config) ?? null, options.tracing ?? null),
      inTurn: atMost(1),
    };
    means.set(id, own);
    return own;
  }

  async function breakOff(
    isMeant: (claimed: Claimed) => boolean,
    reason?: typeof REMOVAL,
  ): Promise<void> {
    const meant = [...running.values()].filter(({ claimed }) => isMeant(claimed));
    for (const { abort } of meant) abort.abort(reason);
    const ended = Promise.all(meant.map(({ ended }) => ended));
    await Promise.race([ended, sleep(MOST_PATIENCE_MS, null, { ref: false })]);
  }

  const ended = loop();
  return {
    http: (installed, span) => meansOf(installed).client.within(stopping.signal, span),
    wake: wakeUp,
    async halt(connector) {
      await breakOff((claimed) => claimed.connector === connector, REMOVAL);
      means.get(connector)?.client.close();
      means.delete(connector);
    },
    async stop() {
      stopping.abort();
      wakeUp();
      await ended;
      await breakOff(() => true);
      await leases.stop();
      for (const { client } of means.values()) client.close();
    },
  };
}

function clientFor(target: HttpTarget | null, tracing: Tracing | null): HttpClient {
  const client = createHttpClient(target, tracing);
  return target?.logIn ? keepSession(client, target.logIn, target.refusedLoginRestsMs) : client;
}
