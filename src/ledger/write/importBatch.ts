import type { Connection } from "../../db/database.js";
import { fail, ok, type Result } from "../../lib/result.js";
import type { BadLog } from "../domain/audit.js";
import { type ForeignLog, importLog, needsOfLogs } from "../domain/importLog.js";
import { newState } from "../domain/state.js";
import { saveBatch } from "../store/saveBatch.js";
import { type Cache, remember } from "./cache.js";
import { fill } from "./load.js";
import { toBatch } from "./toBatch.js";

/**
 * Adds `logs` to the ledger of `cache`, in the open transaction of `connection`, and returns what is then known of the
 * ledger; or the first bad log, and then the transaction must not be committed. Nothing is told of them to anybody.
 */
export async function importBatch(
  connection: Connection,
  cache: Cache,
  logs: readonly ForeignLog[],
): Promise<Result<Cache, BadLog>> {
  const state = newState(cache.head, cache.mapping);
  await fill(connection, cache, needsOfLogs(logs), state);
  for (const log of logs) {
    const problem = importLog(state, log);
    if (problem !== null) return fail({ id: log.id, problem });
  }
  const batch = toBatch(cache, state);
  await saveBatch(connection, batch);
  return ok(remember(cache, state, batch));
}
