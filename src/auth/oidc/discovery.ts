import { PERSONAL_SCOPES, SERVICE_SCOPES } from "../domain/scopes.js";

export interface Offer {
  readonly issuer: string;
  readonly hasLogins: boolean;
}

/** What oidc-provider says of itself, so that it says what is offered: our own endpoints too, and no logins where there are none. */
export function describeOffer(
  document: Readonly<Record<string, unknown>>,
  { issuer, hasLogins }: Offer,
): Readonly<Record<string, unknown>> {
  const methods = document["token_endpoint_auth_methods_supported"] as readonly string[];
  const confidential = methods.filter((method) => method !== "none");
  const offered = {
    ...document,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: confidential,
    revocation_endpoint: `${issuer}/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    scopes_supported: hasLogins ? [...PERSONAL_SCOPES, ...SERVICE_SCOPES] : SERVICE_SCOPES,
  };
  if (hasLogins) {
    return {
      ...offered,
      userinfo_endpoint: `${issuer}/userinfo`,
      claims_supported: [...ABOUT_LOGINS, ...ABOUT_PEOPLE],
    };
  }
  return Object.fromEntries(Object.entries(offered).filter(([name]) => !OF_LOGINS.has(name)));
}

const ABOUT_LOGINS = ["iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"];
const ABOUT_PEOPLE = ["sub", "email", "email_verified"];

const OF_LOGINS: ReadonlySet<string> = new Set([
  "authorization_endpoint",
  "authorization_response_iss_parameter_supported",
  "claims_supported",
  "code_challenge_methods_supported",
  "response_modes_supported",
]);
