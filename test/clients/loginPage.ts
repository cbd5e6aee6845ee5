/** What the application in the browser runs: people log in to it with openid-client. */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  None,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
} from "openid-client";

/** What of the browser's globals it needs; Node's types have none of them. */
declare const location: { origin: string; href: string; assign(url: URL): void };
declare const sessionStorage: {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
};

/** Where the page finds Florin, and as which client. */
export interface Visit {
  readonly baseUrl: string;
  readonly clientId: string;
}

/** What somebody who is logged in has. */
export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
  readonly subject: string;
}

/** The functions, as the test finds them in the page; those that leave it answer nothing. */
export interface LoginPage {
  logIn(visit: Visit, wishes?: Record<string, string>): Promise<void>;
  comeBack(visit: Visit): Promise<Session>;
  refresh(visit: Visit, session: Session): Promise<Session>;
  userInfo(visit: Visit, session: Session): Promise<unknown>;
  pay(visit: Visit, session: Session): Promise<number>;
  logOut(visit: Visit, session: Session): Promise<void>;
}

const discover = ({ baseUrl, clientId }: Visit): Promise<Configuration> =>
  discovery(new URL(`${baseUrl}/api/auth`), clientId, undefined, None(), {
    execute: [allowInsecureRequests],
  });

const home = `${location.origin}/`;

const loginPage: LoginPage = {
  async logIn(visit, wishes = {}) {
    const [state, verifier] = [randomState(), randomPKCECodeVerifier()];
    sessionStorage.setItem("login", JSON.stringify({ state, verifier }));
    const url = buildAuthorizationUrl(await discover(visit), {
      redirect_uri: home,
      scope: "openid email offline_access ledger:write",
      state,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...wishes,
    });
    location.assign(url);
  },

  async comeBack(visit) {
    const { state, verifier } = JSON.parse(sessionStorage.getItem("login") ?? "{}");
    const tokens = await authorizationCodeGrant(await discover(visit), new URL(location.href), {
      expectedState: state,
      pkceCodeVerifier: verifier,
    });
    return toSession(tokens, tokens.claims()?.sub);
  },

  async refresh(visit, { refreshToken, subject }) {
    return toSession(await refreshTokenGrant(await discover(visit), refreshToken), subject);
  },

  userInfo: async (visit, { accessToken, subject }) =>
    fetchUserInfo(await discover(visit), accessToken, subject),

  /** Creates a transaction; answers the status. */
  async pay({ baseUrl }, { accessToken }) {
    const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: 100 };
    const response = await fetch(`${baseUrl}/api/ledger/main/transactions`, {
      method: "POST",
      headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
      body: JSON.stringify({ postings: [posting] }),
    });
    return response.status;
  },

  async logOut(visit, { idToken }) {
    const url = buildEndSessionUrl(await discover(visit), {
      id_token_hint: idToken,
      post_logout_redirect_uri: home,
      state: "logged-out",
    });
    location.assign(url);
  },
};

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

const toSession = (tokens: Tokens, subject = ""): Session => ({
  accessToken: tokens.access_token,
  refreshToken: tokens.refresh_token ?? "",
  idToken: tokens.id_token ?? "",
  subject,
});

Object.assign(globalThis, { loginPage });
