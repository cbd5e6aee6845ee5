import type { Feature } from "./features.js";

/** What a script is run with. */
export interface Input {
  /** Text by name, without "$". */
  readonly variables: ReadonlyMap<string, string>;
  readonly store: Store;
  /** Experimental features that are on; the script may add its own by a feature line. */
  readonly features: ReadonlySet<Feature>;
  /**
   * Which money a "kept" share keeps if several accounts paid. "interpreter": the money that is next in line. "machine":
   * the money that nobody else receives.
   */
  readonly kept: "machine" | "interpreter";
  /** The stricter rules of version 1: no variables without a use, no negative monetary variables. */
  readonly isStrict: boolean;
}

/** What the ledger holds before the script. `undefined` means: not loaded yet. */
export interface Store {
  /** A colour is inside the asset: "USD_RED/2". */
  balance(account: string, asset: string): bigint | undefined;
  /** By asset: what the account holds of "USD", "USD/2", "USD/3"… if `base` is "USD". */
  balances(account: string, base: string): ReadonlyMap<string, bigint> | undefined;
  /** The account's metadata, `{}` if it has none. */
  metadata(account: string): StoredMetadata | undefined;
}

/** A JSON object. */
export interface StoredMetadata {
  readonly [key: string]: unknown;
}

export interface AccountAsset {
  readonly account: string;
  readonly asset: string;
}

/** What a run lacks. */
export interface Needs {
  readonly balances: readonly AccountAsset[];
  readonly scales: readonly { readonly account: string; readonly base: string }[];
  readonly metadata: readonly string[];
  /** Not needed to run, but as far as can be told the postings will touch them. */
  readonly destinations: readonly AccountAsset[];
}
