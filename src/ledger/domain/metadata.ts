import type { JsonObject } from "./json.js";

/** What a caller attaches to an account or a transaction. */
export type Metadata = JsonObject;

/** Set on a transaction that was reverted: `{"by": "<txid>"}`. */
export const REVERTED = "com.numary.spec/state/reverted";

/** Set on the transaction that reverts another one: its number, as text. */
export const REVERTS = "com.numary.spec/state/reverts";

/** Merges `metadata` into what `all` has under `key`: top-level keys replace those of their name. */
export function mergeMetadata<K>(all: Map<K, Metadata>, key: K, metadata: Metadata): void {
  all.set(key, { ...all.get(key), ...metadata });
}
