import type { Span } from "./ast.js";
import { balanceOf } from "./balances.js";
import type { Context } from "./context.js";
import type { Feature } from "./features.js";
import { refuse } from "./refusal.js";
import type { Monetary, Type, Value, ValueOf } from "./value.js";

interface ScriptFunction {
  readonly parameters: readonly Type[];
  /** That must be on, if any. */
  readonly feature: Feature | null;
  /** `values` are those of the parameters. */
  readonly apply: (context: Context, values: readonly Value[], span: Span) => Value;
}

/** What can be called where a value is wanted. `meta` is none of them: it stands for a whole variable. */
export const functions: ReadonlyMap<string, ScriptFunction> = new Map([
  ["balance", ofBalance(null, balance)],
  ["overdraft", ofBalance("experimental-overdraft-function", overdraft)],
  [
    "get_asset",
    ofMonetary("experimental-get-asset-function", ({ asset }) => ({ type: "asset", asset })),
  ],
  [
    "get_amount",
    ofMonetary("experimental-get-amount-function", ({ amount }) => ({
      type: "number",
      number: amount,
    })),
  ],
]);

function balance(account: string, asset: string, held: bigint, span: Span): Monetary {
  if (held < 0n) refuse({ kind: "negative-balance", account, asset, balance: held, span });
  return { type: "monetary", asset, amount: held };
}

function overdraft(_account: string, asset: string, held: bigint): Monetary {
  return { type: "monetary", asset, amount: held < 0n ? -held : 0n };
}

function ofBalance(
  feature: Feature | null,
  apply: (account: string, asset: string, held: bigint, span: Span) => Value,
): ScriptFunction {
  return {
    parameters: ["account", "asset"],
    feature,
    apply: (context, values, span) => {
      const [{ account }, { asset }] = values as [ValueOf<"account">, ValueOf<"asset">];
      return apply(account, asset, balanceOf(context, account, asset), span);
    },
  };
}

function ofMonetary(feature: Feature, apply: (monetary: Monetary) => Value): ScriptFunction {
  return {
    parameters: ["monetary"],
    feature,
    apply: (_context, values) => apply((values as [Monetary])[0]),
  };
}
