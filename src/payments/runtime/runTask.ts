import type { Clock } from "../../lib/time.js";
import type { AnyConnector, Descriptor, Http, Page, TaskRoutine } from "../connectors/connector.js";
import { commitPage, type IngestOptions } from "../ingest/commitPage.js";
import type { Claimed, Ending } from "../store/leases.js";
import { isRefusal } from "./isRefusal.js";

export interface RunOptions extends IngestOptions {
  readonly clock: Clock;
  /** Called after each commit that others hear of. */
  readonly onCommit: () => void;
}

export interface Run {
  readonly connector: AnyConnector;
  /** Of the installation. */
  readonly config: unknown;
  readonly claimed: Claimed;
  readonly http: Http;
  readonly signal: AbortSignal;
  /** Called when tasks may have been spawned. */
  readonly onSpawn: () => void;
}

/** The wait after the first failure, and the least between two runs. */
const FIRST_WAIT_MS = 1000;
const LEAST_WAIT_MS = 50;

/** Errors are shown to people, who read so much. */
const LONGEST_ERROR = 1000;

/**
 * Runs a task once; answers how that ended, or null if there is nothing to write down: the run was broken off, or the
 * task is somebody else's by now.
 */
export async function runTask(options: RunOptions, run: Run): Promise<Ending | null> {
  const { connector, config, claimed, signal } = run;
  let every: number | null = null;
  try {
    const descriptor = JSON.parse(claimed.descriptor);
    const routine: TaskRoutine<unknown, Descriptor> = connector.taskOf(descriptor);
    every = routine.every(config);
    const state = claimed.state === null ? undefined : JSON.parse(claimed.state);
    const { clock } = options;
    const { http } = run;
    const pages = routine.run({ config, descriptor, state, clock, signal, http });
    const problems = await commitAll(options, run, pages);
    return problems && endingOf(problems.join("; "), every);
  } catch (error) {
    if (signal.aborted) return null;
    return failureOf(error, every, claimed.failures + 1);
  }
}

/** What could not be stored of all pages; null if the lease was lost. */
async function commitAll(
  options: RunOptions,
  { claimed, signal, onSpawn }: Run,
  pages: AsyncGenerator<Page<Descriptor>>,
): Promise<string[] | null> {
  const problems: string[] = [];
  for await (const page of pages) {
    signal.throwIfAborted();
    const committed = await commitPage(options, claimed, page, options.clock());
    if (committed === null) return null;
    problems.push(...committed.problems);
    if (committed.hasNews) options.onCommit();
    if (page.spawn?.length) onSpawn();
  }
  signal.throwIfAborted();
  return problems;
}

/** After a run that came to its end. Items that could not be stored are no reason to ask again sooner. */
const endingOf = (problems: string, every: number | null): Ending => ({
  status: every !== null ? "ACTIVE" : problems === "" ? "TERMINATED" : "FAILED",
  error: problems.slice(0, LONGEST_ERROR),
  failures: 0,
  nextInMs: every === null ? null : spread(Math.max(every, LEAST_WAIT_MS)),
});

function failureOf(error: unknown, every: number | null, failures: number): Ending {
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: every === null ? "FAILED" : "ACTIVE",
    error: message.replaceAll("\0", "").slice(0, LONGEST_ERROR) || "unknown error",
    failures,
    nextInMs:
      every === null ? null : spread(Math.max(waitMs(error, every, failures), LEAST_WAIT_MS)),
  };
}

/** Twice as long each time, but never longer than the period. Who is refused asks no more often than that. */
const waitMs = (error: unknown, every: number, failures: number): number =>
  isRefusal(error) ? every : Math.min(every, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));

/** Up to a twentieth longer by chance, lest all tasks of all processes come at once. */
const spread = (ms: number): number => ms * (1 + Math.random() / 20);
