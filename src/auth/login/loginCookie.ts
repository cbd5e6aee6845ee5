import { createHash } from "node:crypto";
import type { HttpRequest } from "../../server/handler.js";

/**
 * Binds a login to the browser that began it. Each has a name of its own, made from its `state`, so that logins in two
 * tabs do not disturb each other.
 */
export interface LoginCookie {
  readonly name: string;
  readonly value: string;
}

const PREFIX = "_login.";

/** More at a time is somebody filling the browser's jar, and then no request fits into a header any more. */
const MOST = 8;

/** The name of the cookie that belongs to `state`, which is not secret. */
export const cookieNameOf = (state: string): string =>
  PREFIX + createHash("sha256").update(state).digest("base64url").slice(0, 16);

/** The value of a cookie; undefined if the browser did not send it. */
export const readCookie = (request: HttpRequest, name: string): string | undefined =>
  cookiesOf(request).find((it) => it.name === name)?.value;

/** Names of the login cookies that must go before one more may come: the oldest, which browsers send first. */
export const surplusCookies = (request: HttpRequest): string[] =>
  cookiesOf(request)
    .map(({ name }) => name)
    .filter((name) => name.startsWith(PREFIX))
    .slice(0, 1 - MOST);

/** How cookies are set for the pages below `mount`, an absolute URL. */
export function cookieWriter(mount: URL) {
  // Lax: the way back from the upstream issuer is a navigation from another site.
  const rest = `Path=${mount.pathname}; HttpOnly; SameSite=Lax${mount.protocol === "https:" ? "; Secure" : ""}`;
  return {
    set: ({ name, value }: LoginCookie, lifetimeSeconds: number): string =>
      `${name}=${value}; Max-Age=${lifetimeSeconds}; ${rest}`,
    clear: (name: string): string => `${name}=; Max-Age=0; ${rest}`,
  };
}

const cookiesOf = (request: HttpRequest): LoginCookie[] =>
  (request.headers.cookie ?? "").split(";").map((pair) => {
    const [name = "", ...value] = pair.trim().split("=");
    return { name, value: value.join("=") };
  });
