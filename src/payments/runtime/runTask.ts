import type { Logger } from "pino";
import type { Turns } from "../../lib/atMost.js";
import { interruptible } from "../../lib/interruptible.js";
import type { Clock } from "../../lib/time.js";
import { failSpan, type Tracing, traceOf } from "../../lib/tracing.js";
import type { AnyConnector, Descriptor, Page, TaskRoutine } from "../connectors/connector.js";
import { ProviderError } from "../connectors/connector.js";
import { isRefusal } from "../connectors/isRefusal.js";
import { type Committed, commitPage, type IngestOptions } from "../ingest/commitPage.js";
import type { Claimed, Ending } from "../store/leases.js";
import { findTransfer } from "../store/transfers.js";
import type { HttpClient } from "./http.js";

export interface RunOptions extends IngestOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each commit that others hear of. */
  readonly onCommit: () => void;
  /** Default: no spans. */
  readonly tracing?: Tracing | null;
}

/** What all runs for an installation share in this process. */
export interface Means {
  readonly client: HttpClient;
  /** Pages are committed one after the other anyway: those that wait hold no connections. */
  readonly inTurn: Turns;
}

export interface Run extends Means {
  readonly connector: AnyConnector;
  /** Of the installation. */
  readonly config: unknown;
  readonly claimed: Claimed;
  readonly signal: AbortSignal;
  /** Called when tasks may have been spawned. */
  readonly onSpawn: () => void;
}

/** The wait after the first failure, and the least between two runs. */
const FIRST_WAIT_MS = 1000;
const LEAST_WAIT_MS = 50;

/** How long a task waits that this version cannot make sense of. */
const STRANGE_WAIT_MS = 60_000;

/** Errors are shown to people, who read so much. */
const LONGEST_ERROR = 1000;

/** What people are told of a fault of ours; the log has the rest. */
export const OUR_FAULT = "internal error: see the log";

/** Why a page was not stored. */
class Unstored extends Error {}

/**
 * Runs a task once; answers how that ended, or null if there is nothing to write down: the run was broken off, or the
 * task is somebody else's by now.
 */
export async function runTask(options: RunOptions, run: Run): Promise<Ending | null> {
  const { connector, config, claimed, signal, client } = run;
  const { clock, logger, tracing = null } = options;
  const { provider, task } = claimed;
  const span = tracing?.begin(`task ${provider}`, { kind: "internal", parent: null }) ?? null;
  const problems: string[] = [];
  let every: number | null = STRANGE_WAIT_MS;
  try {
    const descriptor: Descriptor = JSON.parse(claimed.descriptor);
    span?.updateName(`task ${provider} ${descriptor.name}`);
    const routine: TaskRoutine<unknown, Descriptor> = connector.taskOf(descriptor);
    every = routine.every(config);
    const state = claimed.state === null ? undefined : JSON.parse(claimed.state);
    const http = client.within(signal, span);
    const pages = routine.run({
      ...{ config, descriptor, state, clock, signal, http },
      findTransfer: (id) => findTransfer(options.db, claimed.connector, id),
    });
    for await (const page of interruptible(pages, signal)) {
      const committed = await commit(options, run, page);
      if (committed === null) return null;
      if (committed.problems.length > 0)
        logger.warn({ provider, task, problems: committed.problems }, "items cannot be stored");
      if (problems.length < LONGEST_ERROR)
        problems.push(...committed.problems.slice(0, LONGEST_ERROR));
      if (committed.hasNews) options.onCommit();
      if (page.spawn?.length) run.onSpawn();
      if (committed.isOver) return overWith(printed(problems));
    }
    signal.throwIfAborted();
    return endingOf(printed(problems), every);
  } catch (error) {
    if (signal.aborted) return null;
    const reason = isOurs(error) ? OUR_FAULT : (error as Error).message;
    const detail = isOurs(error) && { err: error };
    logger.warn(
      { provider, task, reason, ...detail, ...traceOf(span) },
      "a task of a connector failed",
    );
    if (span) failSpan(span, (error as Error).name);
    return failureOf(error, printed([reason, ...problems]), every, claimed.failures + 1);
  } finally {
    span?.end();
  }
}

const commit = (
  options: RunOptions,
  { claimed, inTurn, signal }: Run,
  page: Page<Descriptor>,
): Promise<Committed | null> =>
  inTurn(async () => {
    signal.throwIfAborted();
    return commitPage(options, claimed, page, options.clock()).catch((cause: unknown) => {
      throw new Unstored("a page was not stored", { cause });
    });
  });

/** Connectors complain of providers in words of their own. Everything else, e.g. a TypeError, is nobody's business. */
const isOurs = (error: unknown): boolean =>
  !(error instanceof ProviderError) && Object(error).constructor !== Error;

const printed = (complaints: readonly string[]): string =>
  complaints.join("; ").slice(0, LONGEST_ERROR).replaceAll("\0", "\ufffd");

/** After a run that came to its end. Items that could not be stored are no reason to ask again sooner. */
const endingOf = (error: string, every: number | null): Ending => ({
  status: every !== null ? "ACTIVE" : error === "" ? "TERMINATED" : "FAILED",
  error,
  failures: 0,
  nextInMs: every === null ? null : spread(Math.max(every, LEAST_WAIT_MS)),
});

/** Of a task whose transfer has come to its end. */
const overWith = (error: string): Ending => ({
  ...{ status: "TERMINATED", failures: 0, nextInMs: null },
  error,
});

const failureOf = (
  error: unknown,
  reason: string,
  every: number | null,
  failures: number,
): Ending => ({
  status: every === null ? "FAILED" : "ACTIVE",
  error: reason || "unknown error",
  failures,
  nextInMs: every === null ? null : spread(Math.max(waitMs(error, every, failures), LEAST_WAIT_MS)),
});

/** Twice as long each time, but never longer than the period. Who is refused asks no more often than that. */
function waitMs(error: unknown, every: number, failures: number): number {
  const ours = Math.min(every, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));
  if (!(error instanceof ProviderError)) return ours;
  return Math.max(isRefusal(error) ? every : ours, error.retryAfterMs);
}

/** Up to a twentieth longer by chance, lest all tasks of all processes come at once. */
const spread = (ms: number): number => ms * (1 + Math.random() / 20);
