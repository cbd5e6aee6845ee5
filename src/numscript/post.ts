import type { Span } from "./ast.js";
import { change } from "./balances.js";
import type { Context, ScriptPosting } from "./context.js";
import { charge } from "./limits.js";

/** Writes a posting, whose money has left its source already; none if there is no money. */
export function post(context: Context, posting: ScriptPosting, span: Span): void {
  if (posting.amount === 0n) return;
  charge(context, posting.amount, span);
  context.postings.push(posting);
  change(context, posting.destination, posting.asset, posting.amount);
}
