import type { NewTransaction, Request } from "./command.js";
import { mirror } from "./revert.js";
import type { Revertible } from "./state.js";
import { volumeKey } from "./volumes.js";

/** An account that a request names, and one asset of it; null if none matters. */
export interface Wanted {
  readonly account: string;
  readonly asset: string | null;
}

/** What a state must hold before requests can be decided on it. */
export interface Needs {
  /** By `volumeKey`, or by address where no asset matters. */
  readonly accounts: Map<string, Wanted>;
  readonly references: Set<string>;
  readonly idempotencyKeys: Set<string>;
  /** Numbers of the transactions to be reverted: what they need in turn, `needsOfReverts` tells. */
  readonly reverts: Set<bigint>;
}

export function needsOf(requests: Iterable<Request>): Needs {
  const needs = noNeeds();
  for (const { command, idempotency } of requests) {
    if (idempotency) needs.idempotencyKeys.add(idempotency.key);
    if (command.kind === "create-transactions") {
      for (const transaction of command.transactions) addTransaction(needs, transaction);
    } else if (command.kind === "revert-transaction") {
      needs.reverts.add(command.txid);
    } else if ("account" in command.target) {
      const { account } = command.target;
      needs.accounts.set(account, { account, asset: null });
    }
  }
  return needs;
}

/** What reverting `transactions` needs. */
export function needsOfReverts(transactions: ReadonlyMap<bigint, Revertible>): Needs {
  const needs = noNeeds();
  for (const [txid, original] of transactions) addTransaction(needs, mirror(original, txid));
  return needs;
}

const noNeeds = (): Needs => ({
  accounts: new Map(),
  references: new Set(),
  idempotencyKeys: new Set(),
  reverts: new Set(),
});

function addTransaction({ accounts, references }: Needs, transaction: NewTransaction): void {
  const { postings, reference } = transaction;
  if (reference !== null) references.add(reference);
  for (const { source, destination, asset } of postings) {
    accounts.set(volumeKey(source, asset), { account: source, asset });
    accounts.set(volumeKey(destination, asset), { account: destination, asset });
  }
}
