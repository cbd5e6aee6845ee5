/** The scopes that guard Florin's own services; operators may define others for services of theirs. */
export const SERVICE_SCOPES: readonly string[] = [
  "auth:read",
  "auth:write",
  "ledger:read",
  "ledger:write",
  "payments:read",
  "payments:write",
];

/** What a person may be asked for by every client, attached or not: OpenID Connect gives these a meaning. */
export const PERSONAL_SCOPES: readonly string[] = ["openid", "email", "offline_access"];

/** OpenID Connect gives these a meaning, for every client: nobody attaches them, and to a machine they mean nothing. */
export const OIDC_SCOPES: ReadonlySet<string> = new Set([
  ...PERSONAL_SCOPES,
  "profile",
  "address",
  "phone",
]);

/** Whether whoever holds `held` may do what `needed` guards: "x:write" implies "x:read". */
export const holdsScope = (held: ReadonlySet<string>, needed: string): boolean =>
  held.has(needed) || (needed.endsWith(":read") && held.has(needed.replace(/read$/, "write")));

/** The names in a `scope` parameter or claim. */
export const parseScopes = (text: string): string[] =>
  text.split(" ").filter((name) => name !== "");

export interface ScopeRequest {
  /** The request's `scope` parameter; undefined if it had none. */
  readonly requested: readonly string[] | undefined;
  /** What the client is held to; none for an unrestricted client. */
  readonly attached: readonly string[];
  /** Whether a client without scopes may do nothing, instead of everything. */
  readonly isStrict: boolean;
  /** Every scope there is. */
  readonly known: ReadonlySet<string>;
}

/**
 * The scopes of a machine's token; null for a token without restriction, which only an unrestricted client gets. What
 * is unknown or not the client's is dropped without a word: published SDKs ask for scopes that nobody attached.
 */
export function grantScopes({
  requested,
  attached,
  isStrict,
  known,
}: ScopeRequest): readonly string[] | null {
  if (attached.length > 0 || isStrict) {
    const held = new Set(attached);
    return requested?.filter((scope) => holdsScope(held, scope)) ?? attached;
  }
  const asked = requested?.filter((scope) => !OIDC_SCOPES.has(scope)) ?? [];
  // Of a wish for less, what is unknown leaves nothing: it must not become a token for everything.
  return asked.length > 0 ? asked.filter((scope) => known.has(scope)) : null;
}
