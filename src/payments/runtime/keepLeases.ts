import type { Logger } from "pino";
import type { Db } from "../../db/database.js";
import { type Claimed, renewLeases } from "../store/leases.js";

/** A task that this process runs. */
export interface Running {
  readonly claimed: Claimed;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

interface KeepOptions {
  readonly db: Db;
  readonly logger: Logger;
}

/**
 * Renews the leases of `running` until it is stopped. So it also finds out which runs are in vain, those of connectors
 * that are gone and those that others have taken over, and breaks them off.
 */
export function keepLeases(
  { db, logger }: KeepOptions,
  running: ReadonlyMap<string, Running>,
  leaseMs: number,
) {
  let round = Promise.resolve();
  let isBusy = false;
  let isFailing = false;

  async function renew(): Promise<void> {
    const runs = [...running.values()];
    if (runs.length === 0) return;
    try {
      const leases = runs.map(({ claimed }) => claimed);
      const ours = await renewLeases(db, leases, leaseMs);
      for (const { claimed, abort } of runs) if (!ours.has(claimed.task)) abort.abort();
      isFailing = false;
    } catch (err) {
      if (!isFailing) logger.error({ err }, "the leases of tasks cannot be renewed");
      isFailing = true;
    }
  }

  const timer = setInterval(
    () => {
      if (isBusy) return;
      isBusy = true;
      round = renew().finally(() => {
        isBusy = false;
      });
    },
    Math.min(leaseMs / 3, 1000),
  );
  return {
    /** Resolves when none is being renewed any more. */
    stop(): Promise<void> {
      clearInterval(timer);
      return round;
    },
  };
}
