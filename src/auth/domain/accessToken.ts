import type { Micros } from "../../lib/time.js";

/** What a valid access token says about its bearer. */
export interface AccessToken {
  readonly kind: "client";
  readonly subject: string;
  readonly clientId: string;
  /** What the bearer is held to; null for an unrestricted client. */
  readonly scopes: ReadonlySet<string> | null;
  readonly expiresAt: Micros;
}

/** Why an access token is refused. */
export type TokenRefusal =
  | { readonly kind: "token-invalid"; readonly detail: string }
  | { readonly kind: "token-expired" }
  | { readonly kind: "client-deleted"; readonly clientId: string };
