import type { Micros } from "../../lib/time.js";
import { holdsScope, PERSONAL_SCOPES } from "./scopes.js";

/** What a valid access token says about its bearer. */
export interface AccessToken {
  /** A machine, or a person through a client. */
  readonly kind: "client" | "user";
  /** Client id for machines, user id for people. */
  readonly subject: string;
  readonly clientId: string;
  /** What the bearer is held to; null for an unrestricted client. */
  readonly scopes: ReadonlySet<string> | null;
  readonly expiresAt: Micros;
  readonly jti: string;
  /** The login that a person's token came of, and without which it is dead; null for machines. */
  readonly grant: string | null;
}

/** What tells a token from others. */
export type TokenIdentity = Pick<AccessToken, "clientId" | "jti" | "grant">;

/** What an access token states itself, whatever has become of its client since. */
export interface TokenClaims extends AccessToken {
  /** When the client was made, in seconds. */
  readonly clientIssuedAt: number;
}

/** `client_id_issued_at` of a client: with the fraction, since one may be deleted and made anew within a second. */
export const issuedAt = (createdAt: Micros): number => Number(createdAt) / 1e6;

/** Why an access token is refused. */
export type TokenRefusal =
  | { readonly kind: "token-invalid"; readonly detail: string }
  | { readonly kind: "token-expired" }
  | { readonly kind: "token-revoked" }
  | { readonly kind: "client-deleted"; readonly clientId: string };

/**
 * What a token may do while its client has `attached`: a scope that was detached no longer counts, whatever the token
 * says. Without any, a person may do nothing, and a machine what its token states, unless scopes are strict.
 */
export function scopesNow(
  { kind, scopes }: Pick<AccessToken, "kind" | "scopes">,
  attached: readonly string[],
  isStrict: boolean,
): ReadonlySet<string> | null {
  if (kind === "client" && attached.length === 0 && !isStrict) return scopes;
  const held = new Set(attached);
  if (scopes === null) return held;
  const counts = (scope: string) =>
    holdsScope(held, scope) || (kind === "user" && PERSONAL_SCOPES.includes(scope));
  return new Set([...scopes].filter(counts));
}
