import type { Connection } from "../../db/database.js";
import type { Result } from "../../lib/result.js";
import type { Clock } from "../../lib/time.js";
import type { Request } from "../domain/command.js";
import { effectsOf } from "../domain/effects.js";
import { execute, type Receipt } from "../domain/execute.js";
import type { Refusal } from "../domain/failure.js";
import type { Log } from "../domain/log.js";
import { needsOf } from "../domain/needs.js";
import { begin, createHead, lockHead } from "../store/head.js";
import { type Batch, saveBatch } from "../store/saveBatch.js";
import { type Cache, isCurrent, remember, startCache } from "./cache.js";
import { isBroken } from "./faults.js";
import { type Loaded, load } from "./load.js";

export interface BatchOptions {
  /** Name of the ledger. */
  readonly name: string;
  readonly clock: Clock;
  readonly allowPastTimestamps: boolean;
  /** How many accounts and how many volumes to remember. */
  readonly cacheSize: number;
}

/** What became of the requests, one each, and what is now known of the ledger. */
export interface Committed {
  readonly outcomes: readonly Result<Receipt, Refusal>[];
  readonly cache: Cache;
}

/** The connection broke while a commit was under way: it happened, or it did not. */
export class LostCommit extends Error {
  readonly outcomes: Committed["outcomes"];
  /** If this log is there, the whole batch is. */
  readonly lastLog: Log;

  constructor(outcomes: Committed["outcomes"], lastLog: Log, cause: unknown) {
    super("the connection broke during a commit", { cause });
    this.outcomes = outcomes;
    this.lastLog = lastLog;
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
  const needs = needsOf(requests);
  // Sent at once: what the old cache asks for is right if the head proves the cache right.
  const [, head, early] = await Promise.all([
    begin(connection),
    lockHead(connection, options.name),
    known && load(connection, known, needs),
  ]);
  const row = head ?? (await createHead(connection, options.name));
  const cache =
    known && isCurrent(known, row) ? known : await startCache(connection, row, options.cacheSize);
  const loaded = early && cache === known ? early : await load(connection, cache, needs);
  const { state } = loaded;

  const terms = { now: options.clock(), allowPastTimestamps: options.allowPastTimestamps };
  const outcomes = requests.map((request) => execute(state, request, terms));
  const lastLog = state.logs.at(-1);
  // Rolled back by whoever lent the connection: a ledger that was made above is gone then.
  if (lastLog === undefined) return { outcomes, cache };

  const batch = toBatch(cache, loaded);
  try {
    // The commit of a statement that failed is a rollback.
    await Promise.all([saveBatch(connection, batch), connection.query("commit")]);
  } catch (error) {
    throw isBroken(error) ? new LostCommit(outcomes, lastLog, error) : error;
  }
  return { outcomes, cache: remember(cache, batch) };
}

/** What the state's new logs leave behind; new accounts get their ids here. */
function toBatch(
  { ledger, nextAccount: firstNewAccount, head }: Cache,
  { state, accountIds }: Loaded,
): Batch {
  const effects = effectsOf(state.logs);
  let nextAccount = firstNewAccount;
  for (const address of effects.accounts.keys()) {
    if (!accountIds.has(address)) accountIds.set(address, nextAccount++);
  }
  const answers = [...state.answers].filter(([, { firstLogId }]) => firstLogId >= head.nextLogId);
  return {
    ledger,
    head: state.head,
    logs: state.logs,
    effects,
    answers,
    accountIds,
    firstNewAccount,
    nextAccount,
  };
}
