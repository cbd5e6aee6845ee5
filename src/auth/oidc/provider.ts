import { Provider } from "oidc-provider/lib/provider.js";
import { isSecret } from "../domain/secrets.js";
import { listSecrets } from "../store/clientSecrets.js";
import { noteError } from "./answeredErrors.js";
import { findMetadata } from "./clientMetadata.js";
import { configurationOf, type Lookups, type OidcOptions } from "./configuration.js";
import { makeLogoutFinal } from "./makeLogoutFinal.js";
import { nameAccessToken } from "./nameAccessToken.js";
import { orUnavailable } from "./orUnavailable.js";
import { findAccount } from "./people.js";
import { describeResourceServer } from "./resourceServer.js";
import { touchUps } from "./touchUps.js";

/** The OAuth 2 and OpenID Connect endpoints of oidc-provider, with what it lets nobody configure. */
export function createOidcProvider(options: OidcOptions): Provider {
  const { db, keys, hasLogins, isStrict, logger } = options;
  const ask = orUnavailable<Lookups>(logger, {
    client: (id) => findMetadata(db, id, hasLogins),
    person: (id) => findAccount(db, id),
    secrets: (clientId) => listSecrets(db, clientId),
    resourceServer: (ctx, clientId) => describeResourceServer({ db, isStrict }, ctx, clientId),
  });
  const provider = new Provider(options.issuer, configurationOf(options, ask));
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(secret) {
    const stored = await ask.secrets(this.clientId);
    return stored.some((candidate) => isSecret(keys.pepper, candidate, secret));
  };
  makeLogoutFinal(provider);
  nameAccessToken(provider);
  for (const touchUp of touchUps(options)) provider.use(touchUp);
  provider.on("grant.error", (ctx, { error }) => noteError(ctx.res, error));
  provider.on("server_error", (ctx, error) => {
    noteError(ctx.res, "server_error");
    logger.error({ err: error }, "OAuth endpoint failed");
  });
  provider.onerror = (error) => logger.warn({ err: error }, "OAuth answer was not delivered");
  return provider;
}
