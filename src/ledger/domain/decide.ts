import { fail, ok, type Result } from "../../lib/result.js";
import { truncateToSecond } from "../../lib/time.js";
import type { Command, NewTransaction, SetMetadata } from "./command.js";
import { create, type Terms } from "./create.js";
import type { Refusal } from "./failure.js";
import type { Entry } from "./log.js";
import { judgesByMetadata } from "./mapping.js";
import { type Needs, noNeeds } from "./needs.js";
import { mirror, revert } from "./revert.js";
import { runScript } from "./script.js";
import type { State } from "./state.js";

/** The state lacks what a command turns out to need: load it, and decide again. */
export interface Unloaded {
  readonly kind: "unloaded";
  readonly needs: Needs;
}

/** What a command logs, and what it prints if it is a script that does. */
export type Decision =
  | (Result<readonly Entry[], Refusal> & { readonly printed?: readonly string[] })
  | Unloaded;

/**
 * What `command` would log in a ledger in `state`, or why not. An update of the mapping logs nothing. Reads the state,
 * changes nothing.
 */
export function decide(state: State, command: Command, terms: Terms): Decision {
  switch (command.kind) {
    case "create-transactions":
      return unread(state, command.transactions) ?? create(state, command.transactions, terms);
    case "run-script":
      return runScript(state, command, terms);
    case "set-metadata":
      return setMetadata(state, command, terms);
    case "revert-transaction": {
      const original = state.transactions.get(command.txid);
      const lacking = original && unread(state, [mirror(original, command.txid)]);
      return lacking ?? revert(state, command.txid, terms);
    }
    case "update-mapping":
      return ok([]);
  }
}

/** The metadata that contracts ask for and `state` lacks: the mapping was changed just before. */
function unread(
  { mapping, metadata }: State,
  transactions: readonly NewTransaction[],
): Unloaded | null {
  if (!mapping.readsMetadata) return null;
  const needs = noNeeds();
  for (const { source } of transactions.flatMap(({ postings }) => postings)) {
    if (!metadata.has(source) && judgesByMetadata(mapping, source)) needs.metadata.add(source);
  }
  return needs.metadata.size === 0 ? null : { kind: "unloaded", needs };
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
