import type { Provider } from "oidc-provider/lib/provider.js";
import type { Logger } from "pino";
import type { Db } from "../../db/database.js";
import type { EncryptionKeys } from "../../lib/encrypt.js";
import type { Clock } from "../../lib/time.js";
import { cookieWriter } from "./loginCookie.js";
import { type PendingLogins, pendingLogins } from "./pendingLogins.js";
import { createUpstream, type Upstream, type UpstreamIssuer } from "./upstream.js";

export interface LoginOptions {
  readonly db: Db;
  readonly encryptionKeys: EncryptionKeys;
  /** Ours, towards our clients. */
  readonly issuer: string;
  readonly upstream: UpstreamIssuer;
  readonly currentProvider: () => Provider;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What both ends of a login work with. */
export interface LoginRoom extends Omit<LoginOptions, "upstream"> {
  readonly upstream: Upstream;
  /** Where browsers come back to; registered at the upstream issuer. */
  readonly redirectUri: string;
  readonly logins: PendingLogins;
  readonly cookies: ReturnType<typeof cookieWriter>;
}

export function createLoginRoom(options: LoginOptions): LoginRoom {
  const { db, encryptionKeys, issuer, upstream, clock } = options;
  const redirectUri = `${issuer}/authorize/callback`;
  return {
    ...options,
    redirectUri,
    upstream: createUpstream({ upstream, redirectUri, clock }),
    logins: pendingLogins(db, encryptionKeys),
    cookies: cookieWriter(new URL(issuer)),
  };
}
