import type { KoaContextWithOIDC, Session } from "oidc-provider";
import { expect, test } from "vitest";
import { lifetimes } from "./lifetimes.js";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** As much of a request as lifetimes depend on. */
const request = (oidc: object) => ({ oidc }) as KoaContextWithOIDC;
const session = (secondsLeft?: number) =>
  ({
    accountId: "maria",
    exp: secondsLeft && Math.floor(Date.now() / 1000) + secondsLeft,
  }) as Session;

test("a session lives for twelve hours from the login on, and use does not prolong it", () => {
  const used = request({});
  expect(lifetimes.Session(used, session())).toBe(12 * HOUR);
  const left = lifetimes.Session(used, session(HOUR));
  expect(left).toBeLessThanOrEqual(HOUR);
  expect(left).toBeGreaterThan(HOUR - 10);
  expect(lifetimes.Session(used, session(-5))).toBe(1);
  const login = request({ result: { login: { accountId: "maria" } } });
  expect(lifetimes.Session(login, session(HOUR))).toBe(12 * HOUR);
});

test("a session in which nobody has logged in, which anybody gets for the asking, is soon gone", () => {
  const nobodys = { exp: undefined, accountId: undefined } as unknown as Session;
  expect(lifetimes.Session(request({}), nobodys)).toBe(lifetimes.Interaction);
});

test("a refresh token ends when the one that was exchanged for it would have", () => {
  expect(lifetimes.RefreshToken(request({ entities: {} }))).toBe(30 * DAY);
  const rotated = { RotatedRefreshToken: { remainingTTL: DAY } };
  expect(lifetimes.RefreshToken(request({ entities: rotated }))).toBe(DAY);
  expect(
    lifetimes.RefreshToken(request({ entities: { RotatedRefreshToken: { remainingTTL: 0 } } })),
  ).toBe(1);
});

test("a grant outlives the refresh tokens that are issued on it", () => {
  expect(lifetimes.Grant).toBeGreaterThan(30 * DAY + lifetimes.AuthorizationCode);
});
