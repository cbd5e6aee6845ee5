import type { Context } from "./context.js";
import { Stop } from "./refusal.js";

/** What `account` holds of `asset` as the script sees it now. */
export function balanceOf(context: Context, account: string, asset: string): bigint {
  const stored = storedBalance(context, account, asset);
  if (stored === undefined) throw new Stop(null);
  return stored + (context.changes.get(account)?.get(asset) ?? 0n);
}

/** Asks for the balance if it is not loaded. */
export function storedBalance(
  { input, lacking }: Context,
  account: string,
  asset: string,
): bigint | undefined {
  const stored = input.store.balance(account, asset);
  if (stored === undefined) lacking.balances.set(`${account} ${asset}`, { account, asset });
  return stored;
}

/** What `account` holds of `base` as the script sees it now: by asset, one for each scale. */
export function balancesOf(context: Context, account: string, base: string): Map<string, bigint> {
  const stored = storedBalances(context, account, base);
  if (stored === undefined) throw new Stop(null);
  const balances = new Map(stored);
  for (const [asset, change] of context.changes.get(account) ?? []) {
    if (baseOf(asset) === base) balances.set(asset, (balances.get(asset) ?? 0n) + change);
  }
  return balances;
}

/** Asks for the balances if they are not loaded. */
export function storedBalances(
  { input, lacking }: Context,
  account: string,
  base: string,
): ReadonlyMap<string, bigint> | undefined {
  const stored = input.store.balances(account, base);
  if (stored === undefined) lacking.scales.set(`${account} ${base}`, { account, base });
  return stored;
}

/** "USD" of "USD/2". */
export function baseOf(asset: string): string {
  const slash = asset.indexOf("/");
  return slash === -1 ? asset : asset.slice(0, slash);
}

/** Adds `amount`, which may be negative, to what the script sees. */
export function change(context: Context, account: string, asset: string, amount: bigint): void {
  let ofAccount = context.changes.get(account);
  if (ofAccount === undefined) {
    ofAccount = new Map();
    context.changes.set(account, ofAccount);
  }
  const before = ofAccount.get(asset) ?? 0n;
  context.journal.push({ ofAccount, asset, before });
  ofAccount.set(asset, before + amount);
}
