import { fail, ok, type Result } from "./result.js";

/** A caller's name for a request, and what the request was: the same name must always mean the same. */
export interface Idempotency {
  readonly key: string;
  /** SHA-256 in hex, the same on every wire and for every caller. */
  readonly requestHash: string;
}

export interface InvalidKey {
  readonly kind: "invalid-idempotency-key";
}

export interface KeyReused {
  readonly kind: "idempotency-key-reused";
  readonly key: string;
}

/** An idempotency key; null for none. */
export function toIdempotencyKey(key: string): Result<string | null, InvalidKey> {
  if (key === "") return ok(null);
  return key.length <= 255 ? ok(key) : fail({ kind: "invalid-idempotency-key" });
}
