import { randomBytes } from "node:crypto";
import type { AdapterPayload, KoaContextWithOIDC } from "oidc-provider";
import { InvalidTarget } from "oidc-provider/lib/helpers/errors.js";
import { Provider } from "oidc-provider/lib/provider.js";
import type { Logger } from "pino";
import type { Db } from "../../db/database.js";
import type { EncryptionKeys } from "../../lib/encrypt.js";
import { grantScopes, parseScopes, SERVICE_SCOPES } from "../domain/scopes.js";
import { isSecret } from "../domain/secrets.js";
import type { AuthKeys } from "../keys/authKeys.js";
import { listSecrets } from "../store/clientSecrets.js";
import { findClient } from "../store/clients.js";
import { findLabels } from "../store/scopes.js";
import { oidcAdapter } from "./adapter.js";

export interface OidcOptions {
  readonly db: Db;
  readonly issuer: string;
  /** What access tokens are for: their `aud`. */
  readonly audience: string;
  readonly keys: AuthKeys;
  readonly encryptionKeys: EncryptionKeys;
  readonly logger: Logger;
}

/** How long a machine's access token lives. */
const TOKEN_SECONDS = 3600;

/** The OAuth 2 and OpenID Connect endpoints, with everything off that is not offered. */
export function createOidcProvider(options: OidcOptions): Provider {
  const { db, issuer, audience, keys, encryptionKeys, logger } = options;
  const provider = new Provider(issuer, {
    adapter: (kind) => {
      const adapter = oidcAdapter(db, encryptionKeys, kind);
      return kind === "Client" ? { ...adapter, find: (id) => findMetadata(db, id) } : adapter;
    },
    jwks: { keys: [...keys.signing] },
    cookies: { keys: keys.cookies },
    routes: { authorization: "/authorize", token: "/oauth/token", jwks: "/keys" },
    responseTypes: [],
    scopes: SERVICE_SCOPES,
    clientAuthMethods: ["client_secret_basic", "client_secret_post"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256"] },
    ttl: { ClientCredentials: TOKEN_SECONDS },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        async getResourceServerInfo(ctx, resource, client) {
          if (resource !== audience) throw new InvalidTarget();
          const scope = (await decideScopes(db, ctx, client.clientId))?.join(" ");
          setScopeParameter(ctx, scope);
          return { scope: scope ?? "", accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } };
        },
      },
    },
    formats: {
      customizers: {
        jwt: (ctx, _token, { payload }) => {
          // Left to itself, oidc-provider omits an empty scope: a token for nothing would look unrestricted.
          payload["scope"] = ctx.oidc.params?.["scope"];
          // The name is RFC 7591's. A client made anew under an old id does not inherit the old one's tokens.
          payload["client_id_issued_at"] = ctx.oidc.client?.clientIdIssuedAt;
        },
      },
    },
    // A token request proves who it is with a secret, not with its origin.
    clientBasedCORS: () => true,
    renderError: (ctx, out) => {
      ctx.body = out;
    },
  });
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(secret) {
    const stored = await listSecrets(db, this.clientId);
    return stored.some((candidate) => isSecret(keys.pepper, candidate, secret));
  };
  provider.use(leaveOriginsToListener);
  provider.use(adviseOnlyWhatIsOffered);
  provider.on("server_error", (_ctx, error) =>
    logger.error({ err: error }, "OAuth endpoint failed"),
  );
  provider.onerror = (error) => logger.warn({ err: error }, "OAuth answer was not delivered");
  return provider;
}

/** Ids of clients that oidc-provider can serve (RFC 6749, appendix A.1). */
const CLIENT_ID = /^[\x20-\x7e]+$/;

/** It insists on a secret of its own; nobody knows this one, and it is never compared. */
const UNUSED_SECRET = randomBytes(32).toString("base64url");

/** A client in oidc-provider's words. No `scope`: it would refuse every request for a scope that is not there. */
async function findMetadata(db: Db, id: string): Promise<AdapterPayload | undefined> {
  const client = CLIENT_ID.test(id) ? await findClient(db, id) : null;
  if (client === null || client.isPublic) return undefined;
  return {
    client_id: client.id,
    client_id_issued_at: Number(client.createdAt / 1_000_000n),
    client_secret: UNUSED_SECRET,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
  };
}

async function decideScopes(db: Db, ctx: KoaContextWithOIDC, clientId: string) {
  const parameter = ctx.oidc.params?.["scope"];
  const requested = typeof parameter === "string" ? parseScopes(parameter) : undefined;
  const client = await findClient(db, clientId);
  return grantScopes({
    requested,
    attached: client?.scopes ?? [],
    known: new Set([...SERVICE_SCOPES, ...(await findLabels(db, requested ?? []))]),
  });
}

/** The grant goes on with what was granted, as if that had been requested. */
function setScopeParameter(ctx: KoaContextWithOIDC, scope: string | undefined): void {
  Object.assign(ctx.oidc.params ?? {}, { scope });
}

/** Which origins may read an answer is decided once, for all of Florin: oidc-provider would let any. */
async function leaveOriginsToListener(ctx: KoaContextWithOIDC, next: () => Promise<void>) {
  const isDecided = ctx.res.hasHeader("Access-Control-Allow-Origin");
  await next();
  if (isDecided) return;
  ctx.remove("Access-Control-Allow-Origin");
  ctx.remove("Access-Control-Expose-Headers");
}

/** Takes out of the discovery document what belongs to logins. */
async function adviseOnlyWhatIsOffered(ctx: KoaContextWithOIDC, next: () => Promise<void>) {
  await next();
  if (ctx.oidc?.route !== "discovery") return;
  const {
    authorization_endpoint: _endpoint,
    authorization_response_iss_parameter_supported: _iss,
    code_challenge_methods_supported: _methods,
    response_modes_supported: _modes,
    ...offered
  } = ctx.body as Record<string, unknown>;
  ctx.body = { ...offered, scopes_supported: SERVICE_SCOPES };
}
