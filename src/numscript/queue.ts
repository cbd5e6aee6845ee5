import type { Span } from "./ast.js";
import { change } from "./balances.js";
import type { Context, Entry } from "./context.js";
import { least } from "./integers.js";
import { charge } from "./limits.js";

/** Takes `amount` from the account and puts it in line, where money of one account that comes to stand together is one. */
export function enqueue(context: Context, entry: Entry, span: Span): bigint {
  const { account, asset, amount } = entry;
  if (amount === 0n) return 0n;
  charge(context, amount, span);
  change(context, account, asset, -amount);
  const { queue } = context;
  const last = queue.at(-1);
  if (last?.account === account && last.asset === asset) {
    queue[queue.length - 1] = { account, asset, amount: last.amount + amount };
  } else {
    queue.push(entry);
  }
  return amount;
}

/** The next `amount` in line, which is there: nothing is given that was not taken. */
export function dequeue(context: Context, amount: bigint): Entry[] {
  const { queue } = context;
  const leaving: Entry[] = [];
  for (let left = amount; left > 0n; ) {
    const first = queue[context.served];
    if (first === undefined) throw new Error("more is given than was taken");
    const part = { ...first, amount: least(first.amount, left) };
    leaving.push(part);
    left -= part.amount;
    if (part.amount === first.amount) context.served++;
    else queue[context.served] = { ...first, amount: first.amount - part.amount };
  }
  return leaving;
}

/** Gives `entries` back to the accounts that they were taken from. */
export function giveBack(context: Context, entries: readonly Entry[]): void {
  for (const { account, asset, amount } of entries) change(context, account, asset, amount);
}

/** Ends a send: what is still in line goes back. */
export function clearQueue(context: Context): void {
  giveBack(context, context.queue.slice(context.served));
  context.queue.length = 0;
  context.served = 0;
  context.journal.length = 0;
}

/** A point in the taking of money to which one can return. */
export interface Mark {
  readonly changes: number;
  readonly queued: number;
  readonly last: Entry | undefined;
  readonly postings: number;
}

export const mark = ({ journal, queue, postings }: Context): Mark => ({
  changes: journal.length,
  queued: queue.length,
  last: queue.at(-1),
  postings: postings.length,
});

/** Undoes all that was taken and swapped since `mark`. */
export function rewind({ journal, queue, postings }: Context, to: Mark): void {
  for (const { ofAccount, asset, before } of journal.splice(to.changes).reverse()) {
    ofAccount.set(asset, before);
  }
  queue.length = to.queued;
  if (to.last !== undefined) queue[to.queued - 1] = to.last;
  postings.length = to.postings;
}
