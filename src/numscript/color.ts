import type { Expression } from "./ast.js";
import { baseOf } from "./balances.js";
import { type Context, requireFeature } from "./context.js";
import { evaluateAs } from "./evaluate.js";
import { refuse } from "./refusal.js";

const COLOR = /^[A-Z]{1,16}$/;

/** `asset` in the colour that `expression` says: "USD_RED/2". The empty colour is none, and there is one colour at most. */
export function inColor(context: Context, expression: Expression, asset: string): string {
  const { span } = expression;
  requireFeature(context, "experimental-asset-colors", span);
  const { string: color } = evaluateAs(context, expression, "string");
  if (color === "") return asset;
  const base = baseOf(asset);
  if (!COLOR.test(color) || base.includes("_")) refuse({ kind: "invalid-color", color, span });
  return `${base}_${color}${asset.slice(base.length)}`;
}
