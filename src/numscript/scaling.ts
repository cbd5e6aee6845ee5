import type { Span } from "./ast.js";
import { balancesOf, baseOf, change } from "./balances.js";
import type { Context, ScriptPosting } from "./context.js";
import { least } from "./integers.js";
import { post } from "./post.js";
import { refuse } from "./refusal.js";

/** Scales farther apart than this are not computed with. */
const FARTHEST = 1000;

const UNIT_AT_FARTHEST = 10n ** BigInt(FARTHEST);

export interface Scaling {
  readonly account: string;
  /** Does the swaps. Its balance is not looked at. */
  readonly through: string;
  readonly span: Span;
}

/**
 * Swaps what the account holds of other scales of `asset`, the finest first, for what it lacks to have `needed`; null swaps
 * all. Only whole units are swapped, so that it may get more than it lacks.
 */
export function swapScales(
  context: Context,
  { account, through, span }: Scaling,
  asset: string,
  needed: bigint | null,
): void {
  const holdings = balancesOf(context, account, baseOf(asset));
  const lacking = needed === null ? null : needed - (holdings.get(asset) ?? 0n);
  let obtained = 0n;
  for (const [held, balance] of finestFirst(holdings)) {
    if (lacking !== null && obtained >= lacking) break;
    const distance = scaleOf(held) - scaleOf(asset);
    if (distance === 0 || balance <= 0n) continue;
    // Dust is worth no unit, however far it is: whoever sends it here stops no script.
    if (distance > FARTHEST && balance < UNIT_AT_FARTHEST) continue;
    if (Math.abs(distance) > FARTHEST) refuse({ kind: "limit-exceeded", span });
    const factor = 10n ** BigInt(Math.abs(distance));
    const worth = distance > 0 ? balance / factor : balance * factor;
    const part = lacking === null ? worth : least(worth, lacking - obtained);
    const spent = distance > 0 ? part * factor : (part + factor - 1n) / factor;
    move(context, { source: account, destination: through, asset: held, amount: spent }, span);
    obtained += distance > 0 ? part : spent * factor;
  }
  move(context, { source: through, destination: account, asset, amount: obtained }, span);
}

function move(context: Context, posting: ScriptPosting, span: Span): void {
  change(context, posting.source, posting.asset, -posting.amount);
  post(context, posting, span);
}

const finestFirst = (holdings: ReadonlyMap<string, bigint>): [string, bigint][] =>
  [...holdings].sort(([a], [b]) => scaleOf(b) - scaleOf(a) || (a < b ? -1 : 1));

/** 2 of "USD/2", 0 of "USD". */
const scaleOf = (asset: string): number => Number(asset.split("/", 2)[1] ?? 0);
