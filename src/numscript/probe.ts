import type { Source, Statement } from "./ast.js";
import { baseOf, storedBalance, storedBalances } from "./balances.js";
import { inColor } from "./color.js";
import type { Context } from "./context.js";
import { accountOf } from "./evaluate.js";
import { WORLD } from "./names.js";
import { Stop } from "./refusal.js";
import { scalingOf } from "./sources.js";
import { sentOf } from "./statements.js";

/**
 * Asks for the balances that `statements` draw on, all at once, and judges, before any of them is run, what they send, who
 * pays and in which colour.
 */
export function probe(context: Context, statements: readonly Statement[]): void {
  for (const statement of statements) {
    const reads = context.midScriptReads;
    try {
      probeStatement(context, statement);
    } catch (error) {
      // A balance that is read in the middle of the script may be another one by then.
      if (context.midScriptReads === reads) passUnloaded(error);
      else if (!(error instanceof Stop)) throw error;
    }
  }
}

function probeStatement(context: Context, statement: Statement): void {
  if (statement.kind === "send") {
    probeSource(context, statement.source, sentOf(context, statement.sent).asset);
  } else if (statement.kind === "save") {
    const { asset } = sentOf(context, statement.sent);
    storedBalance(context, accountOf(context, statement.account), asset);
  }
}

function probeSource(context: Context, source: Source, asset: string): void {
  switch (source.kind) {
    case "account":
    case "scaling":
      try {
        probeAccount(context, source, asset);
      } catch (error) {
        passUnloaded(error);
      }
      return;
    case "capped":
      probeSource(context, source.from, asset);
      return;
    case "ordered":
    case "oneof":
      for (const each of source.sources) probeSource(context, each, asset);
      return;
    case "allotment":
      for (const { from } of source.clauses) probeSource(context, from, asset);
  }
}

function probeAccount(
  context: Context,
  source: Extract<Source, { readonly kind: "account" | "scaling" }>,
  sent: string,
): void {
  if (source.kind === "scaling") {
    const { account } = scalingOf(context, source);
    storedBalances(context, account, baseOf(sent));
    storedBalance(context, account, sent);
    return;
  }
  const account = accountOf(context, source.account);
  const asset = source.color === null ? sent : inColor(context, source.color, sent);
  if (account !== WORLD && source.overdraft !== "unbounded") storedBalance(context, account, asset);
}

/** What hangs on something that is not loaded yet is asked for next time. */
function passUnloaded(error: unknown): void {
  if (!(error instanceof Stop) || error.refusal !== null) throw error;
}
