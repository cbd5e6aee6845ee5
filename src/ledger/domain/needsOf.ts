import type { NewTransaction, Request } from "./command.js";
import { judgesByMetadata } from "./mapping.js";
import { type Needs, needAccount, needVolume, noNeeds } from "./needs.js";
import { mirror } from "./revert.js";
import { needScript } from "./scriptRun.js";
import type { State } from "./state.js";

/** What deciding `requests` on `state` needs, as far as can be told from what the state has. */
export function needsOf(requests: Iterable<Request>, state: State): Needs {
  const needs = noNeeds();
  for (const { command, idempotency } of requests) {
    if (idempotency)
      needs.answers.set(`${idempotency.requestHash} ${idempotency.key}`, idempotency);
    switch (command.kind) {
      case "create-transactions":
        for (const transaction of command.transactions) addTransaction(needs, state, transaction);
        break;
      case "run-script":
        if (command.reference !== null) needs.references.add(command.reference);
        needScript(needs, state, command.script);
        break;
      case "set-metadata":
        if ("account" in command.target) needAccount(needs, command.target.account);
        break;
      case "revert-transaction":
        needs.reverts.add(command.txid);
        break;
      case "update-mapping":
        break;
    }
  }
  return needs;
}

/** What reverting the transactions that `state` has needs. */
export function needsOfReverts(state: State): Needs {
  const needs = noNeeds();
  for (const [txid, original] of state.transactions) {
    addTransaction(needs, state, mirror(original, txid));
  }
  return needs;
}

function addTransaction(needs: Needs, { mapping }: State, transaction: NewTransaction): void {
  const { postings, reference } = transaction;
  if (reference !== null) needs.references.add(reference);
  for (const { source, destination, asset } of postings) {
    needVolume(needs, source, asset);
    needVolume(needs, destination, asset);
    if (judgesByMetadata(mapping, source)) needs.metadata.add(source);
  }
}
