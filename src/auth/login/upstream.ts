import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from "openid-client";
import { fail, ok, type Result } from "../../lib/result.js";
import type { Clock } from "../../lib/time.js";
import { boundedFetch } from "./boundedFetch.js";
import { rememberDiscovery } from "./discovery.js";
import { hasEmail, type Identity, identityOf } from "./identity.js";
import type { PendingLogin } from "./pendingLogins.js";
import { type UpstreamFailure, upstreamFailure } from "./upstreamFailure.js";

/** The OpenID Connect issuer that knows the people, and who we are there. */
export interface UpstreamIssuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long it may take to answer one request. */
  readonly timeLimitSeconds?: number;
}

export interface Upstream {
  /** Where a browser goes to log in; `wishes` are more parameters of the authorization request. */
  authorizationUrl(
    login: PendingLogin,
    wishes: Readonly<Record<string, string>>,
  ): Promise<Result<URL, UpstreamFailure>>;
  /** Who came back with the query of `callback`. */
  identify(login: PendingLogin, callback: URL): Promise<Result<Identity, UpstreamFailure>>;
}

export interface UpstreamOptions {
  readonly upstream: UpstreamIssuer;
  /** Where browsers come back to. */
  readonly redirectUri: string;
  readonly clock: Clock;
}

const TIME_LIMIT_SECONDS = 10;

/** An issuer's clock may differ from ours by this much. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** Logs people in at the upstream issuer. It is first asked for anything at the first login. */
export function createUpstream({ upstream, redirectUri, clock }: UpstreamOptions): Upstream {
  const discovered = rememberDiscovery(() => discover(upstream), clock);

  /** What `attempt` throws is the issuer's failure, and may come of what has changed there. */
  const withIssuer = async <T>(
    attempt: (issuer: Configuration) => Promise<Result<T, UpstreamFailure>>,
  ) => {
    try {
      return await attempt(await discovered.current());
    } catch (error) {
      const failure = upstreamFailure(error);
      if (failure.kind !== "access_denied") discovered.forget();
      return fail(failure);
    }
  };

  return {
    authorizationUrl: ({ state, nonce, codeVerifier }, wishes) =>
      withIssuer(async (issuer) => {
        const url = buildAuthorizationUrl(issuer, {
          ...wishes,
          redirect_uri: redirectUri,
          scope: "openid email",
          state,
          nonce,
          code_challenge: await calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: "S256",
        });
        return ok(url);
      }),

    identify: (login, callback) =>
      withIssuer(async (issuer) => {
        const tokens = await authorizationCodeGrant(issuer, callback, {
          expectedState: login.state,
          expectedNonce: login.nonce,
          pkceCodeVerifier: login.codeVerifier,
        });
        const idToken = tokens.claims();
        if (idToken === undefined) return fail(NOBODY);
        const { userinfo_endpoint: userInfo } = issuer.serverMetadata();
        const more =
          userInfo !== undefined && !hasEmail(idToken)
            ? await fetchUserInfo(issuer, tokens.access_token, idToken.sub)
            : {};
        const identity = identityOf(idToken, more);
        if (identity === null) return fail(NOBODY);
        return isFresh(identity, login)
          ? ok(identity)
          : fail({ kind: "login_required", detail: "the person was not asked to log in again" });
      }),
  };
}

const NOBODY: UpstreamFailure = { kind: "server_error", detail: "the ID token names nobody" };

function discover({ issuer, clientId, clientSecret, timeLimitSeconds }: UpstreamIssuer) {
  const url = new URL(issuer);
  return discovery(url, clientId, undefined, authenticateAt(clientSecret), {
    timeout: timeLimitSeconds ?? TIME_LIMIT_SECONDS,
    [customFetch]: boundedFetch,
    // Without the first, openid-client believes whatever ID token the token endpoint hands out.
    execute: [
      enableNonRepudiationChecks,
      ...(url.protocol === "http:" ? [allowInsecureRequests] : []),
    ],
  });
}

/** In the header, as OAuth 2 prefers; in the form for an issuer that offers only that. */
function authenticateAt(clientSecret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
  return (issuer, ...rest) => {
    const offered = issuer.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const isFormOnly =
      offered.includes("client_secret_post") && !offered.includes("client_secret_basic");
    (isFormOnly ? post : basic)(issuer, ...rest);
  };
}

/** An issuer that does not tell when the person logged in is believed to have done what it was asked for. */
const isFresh = ({ authTime }: Identity, { freshSince }: PendingLogin): boolean =>
  freshSince === null || authTime === null || authTime >= freshSince - CLOCK_TOLERANCE_SECONDS;
