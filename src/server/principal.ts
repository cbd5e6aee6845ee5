import { createContextKey } from "@connectrpc/connect";
import type { Micros } from "../lib/time.js";

/** Who calls: a machine client, or a person through one. */
export interface Principal {
  readonly kind: "client" | "user";
  /** Client id for machines, user id for people. */
  readonly subject: string;
  readonly clientId: string;
  /** Scopes the caller is held to; null for an unrestricted client. */
  readonly scopes: ReadonlySet<string> | null;
  /** When the token dies; a long stream ends then. */
  readonly expiresAt: Micros;
}

/** The caller of the current request; null on open methods and when auth is off. */
export const principalKey = createContextKey<Principal | null>(null, { description: "principal" });
