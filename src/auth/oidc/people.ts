import { strict as assert } from "node:assert";
import type { Account, Grant, KoaContextWithOIDC } from "oidc-provider";
import { InvalidRedirectUri } from "oidc-provider/lib/helpers/errors.js";
import type { Db } from "../../db/database.js";
import { PERSONAL_SCOPES, parseScopes } from "../domain/scopes.js";
import { findUser } from "../store/users.js";

/** A person in oidc-provider's words; undefined if there is no user of this id. */
export async function findAccount(db: Db, id: string): Promise<Account | undefined> {
  const user = await findUser(db, id);
  if (user === null) return undefined;
  const { email, isEmailVerified } = user;
  const claims = { sub: id, ...(email !== "" && { email, email_verified: isEmailVerified }) };
  return { accountId: id, claims: () => claims };
}

/**
 * Grants what is requested, without asking: clients are made by administrators. A session has one grant per client; it
 * outlives all that is issued on it.
 */
export async function grantRequested(ctx: KoaContextWithOIDC): Promise<Grant> {
  const { client, account, session, provider, params, resourceServers } = ctx.oidc;
  assert(client && account && session && params && resourceServers);
  // oidc-provider looked at it before the login, which takes a while.
  if (!client.redirectUriAllowed(String(params["redirect_uri"]))) throw new InvalidRedirectUri();
  const { clientId } = client;
  const { accountId } = account;
  const found = await provider.Grant.find(session.grantIdFor(clientId) ?? "");
  const grant =
    found?.accountId === accountId ? found : new provider.Grant({ accountId, clientId });
  for (const [resource, { scope }] of Object.entries(resourceServers)) {
    const scopes = parseScopes(scope);
    grant.addResourceScope(resource, scopes);
    grant.addOIDCScope(scopes.filter((it) => PERSONAL_SCOPES.includes(it)));
  }
  // Without an end, it gets a new one.
  Object.assign(grant, { exp: undefined, uid: session.uid, isFound: grant === found });
  await grant.save();
  return grant;
}
