import type { KoaContextWithOIDC, ResourceServer } from "oidc-provider";
import { InvalidTarget } from "oidc-provider/lib/helpers/errors.js";
import type { Db } from "../../db/database.js";
import { scopesNow } from "../domain/accessToken.js";
import { grantScopes, parseScopes, SERVICE_SCOPES } from "../domain/scopes.js";
import { findClient } from "../store/clients.js";
import { findLabels } from "../store/scopes.js";

interface ResourceServerOptions {
  readonly db: Db;
  readonly isStrict: boolean;
}

/** Florin in oidc-provider's words, with the scopes that this request may have there; it drops all others. */
export async function describeResourceServer(
  options: ResourceServerOptions,
  ctx: KoaContextWithOIDC,
  clientId: string,
): Promise<ResourceServer> {
  const { db, isStrict } = options;
  const client = await findClient(db, clientId);
  // A client that was deleted just now: its token, if there will be one, is dead already.
  if (client === null) throw new InvalidTarget();
  const { route, params } = ctx.oidc;
  const isMachine = route === "token" && params?.["grant_type"] === "client_credentials";
  const scopes = isMachine
    ? await scopesOfMachine(options, ctx, client.scopes)
    : [...(scopesNow({ kind: "user", scopes: requestedOf(ctx) }, client.scopes, isStrict) ?? [])];
  // The request goes on with what is granted, as if that had been requested.
  if (isMachine || route !== "token") Object.assign(params ?? {}, { scope: scopes?.join(" ") });
  const scope = scopes?.join(" ") ?? "";
  return { scope, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } };
}

async function scopesOfMachine(
  { db, isStrict }: ResourceServerOptions,
  ctx: KoaContextWithOIDC,
  attached: readonly string[],
) {
  const scope = ctx.oidc.params?.["scope"];
  const requested = typeof scope === "string" ? parseScopes(scope) : undefined;
  const labels = requested === undefined ? [] : await findLabels(db, requested);
  const known = new Set([...SERVICE_SCOPES, ...labels]);
  return grantScopes({ requested, attached, isStrict, known });
}

/** What is requested of a person; at the token endpoint that is what the code or refresh token stands for. */
function requestedOf({ oidc, query }: KoaContextWithOIDC): ReadonlySet<string> {
  const { route, params, authorizationCode, refreshToken } = oidc;
  // oidc-provider drops `offline_access` from the parameters where nobody is asked for consent, and nobody ever is.
  if (route === "authorization") return setOf(query["scope"]);
  if (route === "resume") return setOf(params?.["scope"]);
  return setOf((authorizationCode ?? refreshToken)?.scope);
}

const setOf = (scope: unknown): ReadonlySet<string> =>
  new Set(typeof scope === "string" ? parseScopes(scope) : []);
