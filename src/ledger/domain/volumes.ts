import type { Posting } from "./posting.js";

/** What an account has received and given of one asset, in minor units. */
export interface Volume {
  readonly input: bigint;
  readonly output: bigint;
}

/** The volume of an account that never saw the asset. */
export const EMPTY: Volume = { input: 0n, output: 0n };

/** What the account holds; below zero if it gave more than it received. */
export const balance = ({ input, output }: Volume): bigint => input - output;

/** One account's volume of one asset, before and after a transaction. */
export interface VolumeChange {
  readonly account: string;
  readonly asset: string;
  readonly before: Volume;
  readonly after: Volume;
}

/** Tells the volume of `asset` that `account` has now. */
export type VolumeOf = (account: string, asset: string) => Volume;

/** Key of a volume in maps. Neither part can hold a space. */
export const volumeKey = (account: string, asset: string): string => `${account} ${asset}`;

/** What assets of different scales have in common: that of "USD", "USD/2" and "USD/3" is "USD". */
export const baseOf = (asset: string): string => asset.split("/", 1)[0] ?? asset;

/** Looks volumes up in `maps`, the first that has one. They are to have all that is asked for. */
export const volumeIn =
  (...maps: readonly ReadonlyMap<string, Volume>[]): VolumeOf =>
  (account, asset) => {
    const key = volumeKey(account, asset);
    for (const map of maps) {
      const volume = map.get(key);
      if (volume !== undefined) return volume;
    }
    throw new RangeError(`volume not loaded: ${key}`);
  };

/** What `postings` do to the volumes they touch, in the order of the first touch: source, then destination. */
export function changeVolumes(postings: readonly Posting[], volumeOf: VolumeOf): VolumeChange[] {
  const changes = new Map<string, VolumeChange>();
  const add = (account: string, asset: string, input: bigint, output: bigint) => {
    const key = volumeKey(account, asset);
    const known = changes.get(key);
    const before = known?.before ?? volumeOf(account, asset);
    const now = known?.after ?? before;
    const after = { input: now.input + input, output: now.output + output };
    changes.set(key, { account, asset, before, after });
  };
  for (const { source, destination, asset, amount } of postings) {
    add(source, asset, 0n, amount);
    add(destination, asset, amount, 0n);
  }
  return [...changes.values()];
}
