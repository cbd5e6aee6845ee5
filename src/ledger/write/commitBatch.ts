import type { Connection } from "../../db/database.js";
import { failpoints } from "../../lib/failpoint.js";
import type { Result } from "../../lib/result.js";
import type { Clock } from "../../lib/time.js";
import type { Request } from "../domain/command.js";
import type { Terms } from "../domain/create.js";
import type { Receipt } from "../domain/execute.js";
import type { Refusal } from "../domain/failure.js";
import type { Log } from "../domain/log.js";
import type { MappingUpdate, State } from "../domain/state.js";
import { begin, createHead, lockHead } from "../store/head.js";
import { saveMapping } from "../store/mappings.js";
import { saveBatch } from "../store/saveBatch.js";
import { type OutboxRow, saveOutbox } from "../store/saveOutbox.js";
import { type Cache, isCurrent, remember, startCache } from "./cache.js";
import { executeAll } from "./executeAll.js";
import { isBroken } from "./faults.js";
import { load } from "./load.js";
import { toBatch } from "./toBatch.js";

export interface BatchOptions {
  /** Name of the ledger. */
  readonly name: string;
  readonly clock: Clock;
  readonly allowPastTimestamps: boolean;
  /** How many accounts and how many volumes to remember. */
  readonly cacheSize: number;
  /** Whether anybody wants to be told of what is written. */
  readonly hasSinks: boolean;
}

/** What became of the requests, one each, and what is now known of the ledger. */
export interface Committed {
  readonly outcomes: readonly Result<Receipt, Refusal>[];
  readonly cache: Cache;
}

/** What a commit leaves behind. Another process may leave the same log, or the same mapping, in the same second. */
export interface Trace {
  /** Of PostgreSQL's transaction. */
  readonly xid: string;
  readonly log: Log | null;
  /** If nothing was logged. */
  readonly mapping: MappingUpdate | null;
}

/** The connection broke while a commit was under way: it happened, or it did not. */
export class LostCommit extends Error {
  readonly outcomes: Committed["outcomes"];
  /** If this is there, the whole batch is. */
  readonly trace: Trace;

  constructor(outcomes: Committed["outcomes"], trace: Trace, cause: unknown) {
    super("the connection broke during a commit", { cause });
    this.outcomes = outcomes;
    this.trace = trace;
  }
}

/**
 * Decides `requests` in order and commits what they write, in one transaction of `connection`. A refused one changes
 * nothing. If this throws, nothing was written at all, but after LostCommit one has to look.
 */
export async function commitBatch(
  connection: Connection,
  known: Cache | null,
  requests: readonly Request[],
  options: BatchOptions,
): Promise<Committed> {
  // Sent at once: what the old cache asks for is right if the head proves the cache right.
  const [, head, early] = await Promise.all([
    begin(connection),
    lockHead(connection, options.name),
    known && load(connection, known, requests),
  ]);
  const row = head ?? (await createHead(connection, options.name));
  const cache =
    known && isCurrent(known, row) ? known : await startCache(connection, row, options.cacheSize);
  const state = early && cache === known ? early : await load(connection, cache, requests);
  if (failpoints.reached) await failpoints.reached("loaded", options.name);

  const terms = { now: options.clock(), allowPastTimestamps: options.allowPastTimestamps };
  const outcomes = await executeAll(connection, cache, state, requests, terms);
  // Rolled back by whoever lent the connection: a ledger that was made above is gone then.
  if (state.head === cache.head) return { outcomes, cache };
  if (failpoints.reached) await failpoints.reached("decided", options.name);

  const batch = toBatch(cache, state);
  try {
    // The commit of a statement that failed is a rollback.
    await Promise.all([
      ...state.mappingUpdates.map((update) => saveMapping(connection, cache.ledger, update)),
      saveBatch(connection, batch),
      options.hasSinks && saveOutbox(connection, toOutbox(cache, state, terms)),
      failpoints.reached?.("saved", options.name).then(() => connection.query("commit")) ??
        connection.query("commit"),
    ]);
  } catch (error) {
    if (!isBroken(error)) throw error;
    const [log = null, mapping = null] = [state.logs.at(-1), state.mappingUpdates.at(-1)];
    throw new LostCommit(outcomes, { xid: row.xid, log, mapping }, error);
  }
  if (failpoints.reached) await failpoints.reached("committed", options.name);
  return { outcomes, cache: remember(cache, state, batch) };
}

const toOutbox = ({ ledger, head }: Cache, { events }: State, { now }: Terms): OutboxRow => ({
  ledger,
  firstEvent: head.nextEvent,
  date: now,
  events,
});
