import type {
  AccessToken,
  Account,
  AdapterPayload,
  ClientCredentials,
  Configuration,
  KoaContextWithOIDC,
  ResourceServer,
} from "oidc-provider";
import { InvalidTarget } from "oidc-provider/lib/helpers/errors.js";
import { base as basePolicy } from "oidc-provider/lib/helpers/interaction_policy/index.js";
import type { Logger } from "pino";
import type { Db } from "../../db/database.js";
import type { EncryptionKeys } from "../../lib/encrypt.js";
import type { StoredSecret } from "../domain/secrets.js";
import type { AuthKeys } from "../keys/authKeys.js";
import { grantClaimOf, oidcAdapter } from "./adapter.js";
import { askForLogout, showError, showLoggedOut } from "./browserPages.js";
import { lifetimes } from "./lifetimes.js";
import { orUnavailable } from "./orUnavailable.js";
import { grantRequested } from "./people.js";

export interface OidcOptions {
  readonly db: Db;
  readonly issuer: string;
  /** What access tokens are for: their `aud`. */
  readonly audience: string;
  readonly keys: AuthKeys;
  readonly encryptionKeys: EncryptionKeys;
  /** Whether people can log in; else there are only machines. */
  readonly hasLogins: boolean;
  /** Told, as access tokens call it, of every grant that died. */
  readonly onGrantRevoked: (grant: string) => void;
  /** Whether a client without scopes may do nothing, instead of everything. */
  readonly isStrict: boolean;
  readonly logger: Logger;
}

/** What oidc-provider asks about. */
export interface Lookups {
  client(id: string): Promise<AdapterPayload | undefined>;
  person(id: string): Promise<Account | undefined>;
  secrets(clientId: string): Promise<StoredSecret[]>;
  resourceServer(ctx: KoaContextWithOIDC, clientId: string): Promise<ResourceServer>;
}

/** How oidc-provider is set up: with everything off that is not offered. */
export function configurationOf(options: OidcOptions, ask: Lookups): Configuration {
  const { db, issuer, audience, keys, encryptionKeys, hasLogins, onGrantRevoked, logger } = options;
  const mount = new URL(issuer).pathname;
  return {
    adapter: (kind) => {
      const records = oidcAdapter(db, encryptionKeys, kind, onGrantRevoked);
      const adapter = orUnavailable(logger, records);
      return kind === "Client" ? { ...adapter, find: ask.client } : adapter;
    },
    jwks: { keys: [...keys.signing] },
    cookies: {
      keys: keys.cookies,
      long: { httpOnly: true, sameSite: "lax", path: mount },
    },
    routes: {
      authorization: "/authorize",
      token: "/oauth/token",
      jwks: "/keys",
      end_session: "/end_session",
    },
    responseTypes: hasLogins ? ["code"] : [],
    scopes: hasLogins ? ["openid", "offline_access"] : [],
    claims: hasLogins ? { openid: ["sub"], email: ["email", "email_verified"] } : {},
    clientAuthMethods: [
      "client_secret_basic",
      "client_secret_post",
      ...(hasLogins ? (["none"] as const) : []),
    ],
    enabledJWA: { idTokenSigningAlgValues: ["RS256"] },
    ttl: lifetimes,
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: true,
    // Nothing ends with its session by itself: logging out ends the grants, and they everything.
    expiresWithSession: () => false,
    findAccount: (_ctx, id) => ask.person(id),
    loadExistingGrant: grantRequested,
    interactions: {
      policy: loginOnly(),
      url: (_ctx, { uid }) => `${mount}/login/${uid}`,
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: {
        enabled: hasLogins,
        logoutSource: askForLogout,
        postLogoutSuccessSource: showLoggedOut,
      },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        async getResourceServerInfo(ctx, resource, client) {
          if (resource !== audience) throw new InvalidTarget();
          return ask.resourceServer(ctx, client.clientId);
        },
      },
    },
    formats: {
      customizers: {
        jwt: (ctx, token, { payload }) => void Object.assign(payload, claimsOf(ctx, token)),
      },
    },
    // A token request proves who it is with a secret, not with its origin.
    clientBasedCORS: () => true,
    renderError: showError,
  };
}

/** People are asked to log in, and for nothing else. To ask for consent all the same is allowed, and changes nothing. */
function loginOnly() {
  const policy = basePolicy();
  policy.get("consent")?.checks.clear();
  return policy;
}

/** What our access tokens say beyond what oidc-provider puts into them. */
const claimsOf = ({ oidc }: KoaContextWithOIDC, token: AccessToken | ClientCredentials) => ({
  // Left to itself, it omits an empty scope: a token for nothing would look unrestricted.
  ...(token.kind === "AccessToken"
    ? { scope: token.scope ?? "", grant: grantClaimOf(token.grantId ?? "") }
    : { scope: oidc.params?.["scope"] }),
  // The name is RFC 7591's. A client made anew under an old id does not inherit the old one's tokens.
  client_id_issued_at: oidc.client?.clientIdIssuedAt,
});
