import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Db } from "../db/database.js";
import type { Tracing } from "../lib/tracing.js";
import { type DeliveryOptions, deliver } from "./deliver.js";
import type { EventMetrics } from "./eventMetrics.js";
import { createLane } from "./lane.js";
import type { Outlet } from "./outlet.js";
import { redeliver } from "./redeliver.js";
import type { Source } from "./source.js";
import { findDueLetters, findWork } from "./store/discovery.js";
import { registerSinks } from "./store/sinks.js";

const DEFAULTS = {
  /** Between two looks at what other processes have committed, and at what waited. */
  pollMs: 1_000,
  /** After a process died, another one goes on within this time. */
  leaseMs: 15_000,
  /** How long a stop waits for calls that are under way. */
  drainMs: 5_000,
};

export interface PublisherOptions extends Partial<typeof DEFAULTS> {
  readonly db: Db;
  readonly logger: Logger;
  readonly source: Source;
  readonly outlets: readonly Outlet[];
  readonly metrics: EventMetrics;
  /** Default: no spans. */
  readonly tracing?: Tracing | null;
}

/** Brings the events of all ledgers to their sinks, together with the publishers of other processes. */
export interface Publisher {
  /** Tells that there is something new in `ledger`. It would be found without, but later. */
  wake(ledger: string): void;
  /** Ends what is under way, or cuts it short, and lets others go on at once. Closes the sinks. */
  stop(): Promise<void>;
}

/** Ledgers that are published to one sink at a time. */
const LANE_WIDTH = 4;

/** Findings of one look. */
const MOST_FOUND = 100;

const REGISTER_EVERY_MS = 3_600_000;

/** Starts publishing: from now on, or from where its sinks were left. No sink need be reachable. */
export async function startPublisher(options: PublisherOptions): Promise<Publisher> {
  const { db, logger, outlets } = options;
  const { pollMs, leaseMs, drainMs } = { ...DEFAULTS, ...options };
  const names = outlets.map(({ sink }) => sink.name);
  await registerSinks(db, names);
  let registeredAt = performance.now();

  const stopping = new AbortController();
  const delivery: DeliveryOptions = { ...options, leaseMs, stopping: stopping.signal };
  const lanes = new Map(
    outlets.map((outlet) => {
      const turn = (ledger: string) =>
        deliver(delivery, outlet, ledger).catch((error) => {
          logger.error({ err: error, sink: outlet.sink.name, ledger }, "events not published");
          return false;
        });
      return [outlet.sink.name, createLane(turn, LANE_WIDTH)];
    }),
  );

  async function look(): Promise<void> {
    if (performance.now() - registeredAt > REGISTER_EVERY_MS) {
      await registerSinks(db, names);
      registeredAt = performance.now();
    }
    for (const { sink, ledger } of await findWork(db, names, MOST_FOUND)) {
      lanes.get(sink)?.offer(ledger);
    }
  }

  const redeliverDue = (outlet: Outlet) => async () => {
    for (const key of await findDueLetters(db, outlet.sink.name, MOST_FOUND)) {
      if (stopping.signal.aborted) return;
      await redeliver(delivery, outlet, key);
    }
  };

  const loops = [look, ...outlets.map(redeliverDue)].map((work) =>
    repeat(work, pollMs, stopping.signal, (error) =>
      logger.error({ err: error }, "events cannot be looked for"),
    ),
  );

  return {
    wake(ledger) {
      for (const lane of lanes.values()) lane.offer(ledger);
    },
    async stop() {
      stopping.abort();
      const ended = Promise.all([...loops, ...[...lanes.values()].map((lane) => lane.close())]);
      await Promise.race([ended, sleep(drainMs, null, { ref: false })]);
      await Promise.all(outlets.map(({ sink }) => sink.close()));
      await ended;
    },
  };
}

/** Runs `work` again and again, `everyMs` after it ended, until `signal` aborts. Of failures in a row, the first is told. */
async function repeat(
  work: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  let isFailing = false;
  while (!signal.aborted) {
    try {
      await work();
      isFailing = false;
    } catch (error) {
      if (!isFailing) onError(error);
      isFailing = true;
    }
    await sleep(everyMs, null, { signal }).catch(() => {});
  }
}
