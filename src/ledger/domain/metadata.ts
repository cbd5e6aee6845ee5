import type { Json, JsonObject } from "./json.js";

/** What a caller attaches to an account or a transaction. */
export type Metadata = JsonObject;

/** Set on a transaction that was reverted: `{"by": "<txid>"}`. */
export const REVERTED = "com.numary.spec/state/reverted";

/** Set on the transaction that reverts another one: its number, as text. */
export const REVERTS = "com.numary.spec/state/reverts";

/**
 * Objects and lists within each other. Protobuf's readers give up at 100 messages within each other, and each of these
 * levels takes three: deeper metadata, once stored, would spoil every list that it is in.
 */
const DEEPEST = 30;

/** Whether `value` reads back from the database as it is: no number that JSON cannot write, no nesting beyond sense. */
export function isStorable(value: Json, depth = DEEPEST): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isStorable(member, depth - 1));
}

/** Merges `metadata` into what `all` has under `key`: top-level keys replace those of their name. */
export function mergeMetadata<K>(all: Map<K, Metadata>, key: K, metadata: Metadata): void {
  all.set(key, { ...all.get(key), ...metadata });
}
