import type { Configuration } from "oidc-provider";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The time to log in; longer than what a login at the upstream issuer may take. */
const LOGIN = 15 * 60;

/** How long things live, in seconds. */
export const lifetimes = {
  ClientCredentials: HOUR,
  AccessToken: 300,
  IdToken: HOUR,
  AuthorizationCode: 60,
  Interaction: LOGIN,
  /** From the login on, not from when the upstream issuer last asked: to be used does not prolong it. Anybody gets one that is nobody's. */
  Session(ctx, { accountId, exp }) {
    if (accountId === undefined) return LOGIN;
    return ctx.oidc.result?.login || exp === undefined ? 12 * HOUR : Math.max(1, exp - now());
  },
  /** From the login on: whatever it is exchanged for ends when it would have. */
  RefreshToken: (ctx) => {
    const rotated = ctx.oidc.entities.RotatedRefreshToken;
    return rotated === undefined ? 30 * DAY : Math.max(1, rotated.remainingTTL);
  },
  /** It outlives the refresh tokens. */
  Grant: 31 * DAY,
} satisfies Configuration["ttl"];

const now = () => Math.floor(Date.now() / 1000);
