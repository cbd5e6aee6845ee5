import { allocate } from "./allocate.js";
import type { Source } from "./ast.js";
import { balanceOf } from "./balances.js";
import { inColor } from "./color.js";
import { type Context, requireFeature } from "./context.js";
import { accountOf, amountOf } from "./evaluate.js";
import { least, positive } from "./integers.js";
import { WORLD } from "./names.js";
import { enqueue, mark, rewind } from "./queue.js";
import { refuse } from "./refusal.js";
import { type Scaling, swapScales } from "./scaling.js";

type SourceOf<Kind extends Source["kind"]> = Extract<Source, { readonly kind: Kind }>;

/** Takes exactly `needed` of `asset` out of `source` and puts it in line. */
export function takeExactly(
  context: Context,
  source: Source,
  asset: string,
  needed: bigint,
): bigint {
  const available = take(context, source, asset, needed);
  if (available === needed) return needed;
  const account = source.kind === "account" ? accountOf(context, source.account) : null;
  const { span } = source;
  return refuse({ kind: "missing-funds", account, asset, needed, available, span });
}

/** Takes up to `needed`, or all there is if that is null, and tells how much that was. */
export function take(
  context: Context,
  source: Source,
  asset: string,
  needed: bigint | null,
): bigint {
  switch (source.kind) {
    case "account":
      return takeFromAccount(context, source, asset, needed);
    case "scaling":
      swapScales(context, scalingOf(context, source), asset, needed);
      return takeFromAccount(context, { ...source, color: null, overdraft: null }, asset, needed);
    case "capped": {
      const cap = positive(amountOf(context, source.cap, asset));
      return take(context, source.from, asset, needed === null ? cap : least(cap, needed));
    }
    case "ordered": {
      let taken = 0n;
      for (const from of source.sources) {
        taken += take(context, from, asset, needed === null ? null : needed - taken);
      }
      return taken;
    }
    case "oneof":
      return takeFromOne(context, source, asset, needed);
    case "allotment":
      return takeShares(context, source, asset, needed);
  }
}

function takeFromAccount(
  context: Context,
  { account: expression, color, overdraft, span }: Omit<SourceOf<"account">, "kind">,
  sent: string,
  needed: bigint | null,
): bigint {
  const account = accountOf(context, expression);
  const asset = color === null ? sent : inColor(context, color, sent);
  const isUnbounded = account === WORLD || overdraft === "unbounded";
  const limit =
    overdraft === null || overdraft === "unbounded" ? 0n : amountOf(context, overdraft, sent);
  if (!isUnbounded) {
    const available = positive(balanceOf(context, account, asset) + positive(limit));
    const amount = needed === null ? available : least(available, needed);
    return enqueue(context, { account, asset, amount }, span);
  }
  if (needed === null) return refuse({ kind: "invalid-unbounded-in-send-all", account, span });
  return enqueue(context, { account, asset, amount: needed }, span);
}

export function scalingOf(
  context: Context,
  { account: expression, through, span }: SourceOf<"scaling">,
): Scaling {
  requireFeature(context, "experimental-asset-scaling", span);
  const account = accountOf(context, expression);
  if (account !== WORLD) return { account, through: accountOf(context, through), span };
  return refuse({ kind: "invalid-unbounded-address-in-scaling-address", account, span });
}

/** The first branch that has it all; of a short one nothing remains, unless it is the last. */
function takeFromOne(
  context: Context,
  { sources, span }: SourceOf<"oneof">,
  asset: string,
  needed: bigint | null,
): bigint {
  requireFeature(context, "experimental-oneof", span);
  let taken = 0n;
  for (const [index, from] of sources.entries()) {
    const before = mark(context);
    taken = take(context, from, asset, needed);
    if (needed === null || taken === needed) break;
    if (index < sources.length - 1) rewind(context, before);
  }
  return taken;
}

/** Each clause pays its own share in full. */
function takeShares(
  context: Context,
  { clauses, span }: SourceOf<"allotment">,
  asset: string,
  needed: bigint | null,
): bigint {
  if (needed === null) return refuse({ kind: "invalid-allotment-in-send-all", span });
  const shares = allocate(context, clauses, needed, span);
  for (const [index, { from }] of clauses.entries()) {
    takeExactly(context, from, asset, shares[index] ?? 0n);
  }
  return needed;
}
