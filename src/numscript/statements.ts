import type { Call, Sent, Source, Statement } from "./ast.js";
import { balanceOf, change } from "./balances.js";
import type { Context } from "./context.js";
import { give } from "./destinations.js";
import { accountOf, argumentsOf, evaluate, evaluateAs } from "./evaluate.js";
import { positive } from "./integers.js";
import { WORLD } from "./names.js";
import { clearQueue } from "./queue.js";
import { refuse } from "./refusal.js";
import { take, takeExactly } from "./sources.js";

type StatementOf<Kind extends Statement["kind"]> = Extract<Statement, { readonly kind: Kind }>;

export function execute(context: Context, statement: Statement): void {
  switch (statement.kind) {
    case "send":
      send(context, statement);
      break;
    case "save":
      save(context, statement);
      break;
    case "call":
      setMetadata(context, statement.call);
      break;
    case "print":
      context.printed.push(evaluate(context, statement.value));
      break;
    case "fail":
      refuse({ kind: "failed", span: statement.span });
  }
}

/** What a statement is about; a null amount is all there is. */
export function sentOf(
  context: Context,
  sent: Sent,
): { readonly asset: string; readonly amount: bigint | null } {
  if (sent.kind === "exactly") return evaluateAs(context, sent.amount, "monetary");
  return { asset: evaluateAs(context, sent.asset, "asset").asset, amount: null };
}

function send(context: Context, { sent, source, destination }: StatementOf<"send">): void {
  const { asset, amount } = sentOf(context, sent);
  if (amount === null) {
    give(context, destination, asset, take(context, source, asset, null));
  } else {
    if (amount < 0n) refuseNegative(context, { sent, source, asset, amount });
    give(context, destination, asset, takeExactly(context, source, asset, amount));
  }
  clearQueue(context);
}

function refuseNegative(
  context: Context,
  { sent, source, asset, amount }: { sent: Sent; source: Source; asset: string; amount: bigint },
): never {
  const { span } = sent;
  // Version 1 looked for so much money, and did not find it, where there is an end to the money.
  return context.input.isStrict && !isUnbounded(context, source)
    ? refuse({ kind: "missing-funds", account: null, asset, needed: amount, available: 0n, span })
    : refuse({ kind: "negative-amount", asset, amount, span });
}

function isUnbounded(context: Context, source: Source): boolean {
  switch (source.kind) {
    case "account":
      return source.overdraft === "unbounded" || accountOf(context, source.account) === WORLD;
    case "scaling":
      return false;
    case "capped":
      return isUnbounded(context, source.from);
    case "ordered":
    case "oneof":
      return source.sources.some((each) => isUnbounded(context, each));
    case "allotment":
      return source.clauses.some(({ from }) => isUnbounded(context, from));
  }
}

/** Hides money from the rest of the script; with an amount, a debt as well. */
function save(context: Context, { sent, account: expression }: StatementOf<"save">): void {
  const { asset, amount } = sentOf(context, sent);
  const account = accountOf(context, expression);
  if (amount !== null && amount < 0n) {
    refuse({ kind: "negative-amount", asset, amount, span: sent.span });
  }
  const balance = balanceOf(context, account, asset);
  const hidden = amount === null ? positive(balance) : balance - positive(balance - amount);
  change(context, account, asset, -hidden);
}

function setMetadata(context: Context, call: Call): void {
  const { name, span } = call;
  if (name === "set_tx_meta") {
    const [key, value] = argumentsOf(context, call, ["string", "any"]);
    context.transactionMetadata.set(key.string, value);
  } else if (name === "set_account_meta") {
    const [{ account }, key, value] = argumentsOf(context, call, ["account", "string", "any"]);
    const metadata = context.accountMetadata.get(account);
    if (metadata !== undefined) metadata.set(key.string, value);
    else context.accountMetadata.set(account, new Map([[key.string, value]]));
  } else {
    refuse({ kind: "unbound-function", name, span });
  }
}
