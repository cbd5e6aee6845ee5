import type { Connection } from "../../db/database.js";
import { fail, type Result } from "../../lib/result.js";
import type { Request } from "../domain/command.js";
import type { Terms } from "../domain/create.js";
import { execute, type Receipt } from "../domain/execute.js";
import type { Refusal } from "../domain/failure.js";
import type { State } from "../domain/state.js";
import type { Cache } from "./cache.js";
import { fill, MOST_ROUNDS } from "./load.js";

/** Executes `requests` against `state` in their order, and loads on the way what one of them turns out to need. */
export async function executeAll(
  connection: Connection,
  cache: Cache,
  state: State,
  requests: readonly Request[],
  terms: Terms,
): Promise<Result<Receipt, Refusal>[]> {
  const outcomes: Result<Receipt, Refusal>[] = [];
  for (const request of requests) {
    let outcome = execute(state, request, terms);
    for (let round = 1; "needs" in outcome; round++) {
      await fill(connection, cache, outcome.needs, state);
      outcome =
        round < MOST_ROUNDS ? execute(state, request, terms) : fail({ kind: "too-many-reads" });
    }
    outcomes.push(outcome);
  }
  return outcomes;
}
