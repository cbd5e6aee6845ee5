import type { Destination, Source, Statement, Target } from "./ast.js";
import { baseOf } from "./balances.js";
import { inColor } from "./color.js";
import type { Context } from "./context.js";
import { accountOf, evaluate } from "./evaluate.js";
import type { AccountAsset } from "./input.js";
import { Stop } from "./refusal.js";
import { scalingOf } from "./sources.js";
import { sentOf } from "./statements.js";

/** More are not foreseen. */
const MOST_TOUCHED = 10_000;

/** What postings may touch. */
type Touched = Map<string, AccountAsset>;

/**
 * Foresees which balances the postings of `statements` touch, as far as can be told now, and asks for what the statements
 * read on their way: so that one load is enough.
 */
export function lookAhead(context: Context, statements: readonly Statement[]): AccountAsset[] {
  const touched: Touched = new Map();
  for (const statement of statements) {
    if (statement.kind === "send") {
      const { sent, source, destination } = statement;
      const asset = attempt(() => sentOf(context, sent).asset);
      const assets = new Set<string>();
      lookAtSource(context, source, asset, (account, touchedAsset) => {
        assets.add(touchedAsset);
        touch(touched, account, touchedAsset);
      });
      lookAtDestination(context, destination, (account) => {
        for (const each of assets) touch(touched, account, each);
      });
    } else if (statement.kind === "call") {
      for (const argument of statement.call.arguments) attempt(() => evaluate(context, argument));
    } else if (statement.kind === "print") {
      attempt(() => evaluate(context, statement.value));
    }
  }
  return [...touched.values()];
}

function touch(touched: Touched, account: string, asset: string): void {
  if (touched.size < MOST_TOUCHED) touched.set(`${account} ${asset}`, { account, asset });
}

function lookAtSource(
  context: Context,
  source: Source,
  asset: string | undefined,
  found: (account: string, asset: string) => void,
): void {
  switch (source.kind) {
    case "account": {
      const { account: expression, color, overdraft } = source;
      const account = attempt(() => accountOf(context, expression));
      const colored = attempt(() => (asset && color ? inColor(context, color, asset) : asset));
      if (account !== undefined && colored !== undefined) found(account, colored);
      if (overdraft !== null && overdraft !== "unbounded")
        attempt(() => evaluate(context, overdraft));
      return;
    }
    case "scaling": {
      const scaling = attempt(() => scalingOf(context, source));
      if (asset === undefined || scaling === undefined) return;
      const { account, through } = scaling;
      const held = context.input.store.balances(account, baseOf(asset))?.keys() ?? [];
      for (const each of [asset, ...held]) {
        found(account, each);
        found(through, each);
      }
      return;
    }
    case "capped":
      attempt(() => evaluate(context, source.cap));
      lookAtSource(context, source.from, asset, found);
      return;
    case "ordered":
    case "oneof":
      for (const each of source.sources) lookAtSource(context, each, asset, found);
      return;
    case "allotment":
      for (const { portion, from } of source.clauses) {
        if (portion !== "remaining") attempt(() => evaluate(context, portion));
        lookAtSource(context, from, asset, found);
      }
  }
}

function lookAtDestination(
  context: Context,
  destination: Destination,
  found: (account: string) => void,
): void {
  const lookAtTarget = (target: Target) => {
    if (target !== "kept") lookAtDestination(context, target, found);
  };
  switch (destination.kind) {
    case "account": {
      const account = attempt(() => accountOf(context, destination.account));
      if (account !== undefined) found(account);
      return;
    }
    case "allotment":
      for (const { portion, target } of destination.clauses) {
        if (portion !== "remaining") attempt(() => evaluate(context, portion));
        lookAtTarget(target);
      }
      return;
    case "ordered":
    case "oneof":
      for (const { cap, target } of destination.caps) {
        attempt(() => evaluate(context, cap));
        lookAtTarget(target);
      }
      lookAtTarget(destination.remaining);
  }
}

/** Undefined if it cannot be told now; whether it is refused is seen when it is run. */
function attempt<T>(tell: () => T): T | undefined {
  try {
    return tell();
  } catch (error) {
    if (error instanceof Stop) return undefined;
    throw error;
  }
}
