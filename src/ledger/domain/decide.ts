import { fail, ok, type Result } from "../../lib/result.js";
import { truncateToSecond } from "../../lib/time.js";
import type { Command, SetMetadata } from "./command.js";
import { create, type Terms } from "./create.js";
import type { Refusal } from "./failure.js";
import type { Entry } from "./log.js";
import { revert } from "./revert.js";
import type { State } from "./state.js";

/** What `command` would write to a ledger in `state`, or why not. Reads the state, changes nothing. */
export function decide(
  state: State,
  command: Command,
  terms: Terms,
): Result<readonly Entry[], Refusal> {
  switch (command.kind) {
    case "create-transactions":
      return create(state, command.transactions, terms);
    case "set-metadata":
      return setMetadata(state, command, terms);
    case "revert-transaction":
      return revert(state, command.txid, terms);
  }
}

function setMetadata(
  state: State,
  { target, metadata }: SetMetadata,
  { now }: Terms,
): Result<readonly Entry[], Refusal> {
  if ("txid" in target && target.txid >= state.head.nextTxid) {
    return fail({ kind: "transaction-not-found", txid: target.txid });
  }
  return ok([{ type: "SET_METADATA", date: truncateToSecond(now), target, metadata }]);
}
