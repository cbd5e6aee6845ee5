import { randomBytes } from "node:crypto";
import type { Db } from "../../db/database.js";
import type { EncryptionKeys } from "../../lib/encrypt.js";
import { oidcAdapter } from "../oidc/adapter.js";
import { cookieNameOf, type LoginCookie } from "./loginCookie.js";

/** A login that is under way at the upstream issuer. */
export interface PendingLogin {
  /** The interaction of oidc-provider that waits for it. */
  readonly uid: string;
  /** What the upstream issuer hands back as it is. */
  readonly state: string;
  /** What the ID token must repeat. */
  readonly nonce: string;
  /** The secret of PKCE. */
  readonly codeVerifier: string;
  /** The person must have proved who they are after this instant, in seconds; null: at any time. */
  readonly freshSince: number | null;
}

/** How long a person may take at the upstream issuer. */
export const LOGIN_SECONDS = 600;

export interface PendingLogins {
  /** Remembers a login; answers the cookie without which nobody finds it again. */
  keep(login: PendingLogin): Promise<LoginCookie>;
  /** The login that belongs to a cookie, once: of several that try, one gets it. Null: used, expired, or not ours. */
  take(cookie: LoginCookie): Promise<PendingLogin | null>;
}

/** Logins under way, in PostgreSQL: any process may see their end. */
export function pendingLogins(db: Db, encryptionKeys: EncryptionKeys): PendingLogins {
  const records = oidcAdapter(db, encryptionKeys, "UpstreamLogin");
  return {
    async keep(login) {
      const value = randomBytes(32).toString("base64url");
      await records.upsert(value, { extra: { ...login } }, LOGIN_SECONDS);
      return { name: cookieNameOf(login.state), value };
    },
    async take({ name, value }) {
      const record = await records.take(value);
      // We wrote it, and it is sealed: it is what it was.
      const login = record?.extra as unknown as PendingLogin | undefined;
      return login !== undefined && cookieNameOf(login.state) === name ? login : null;
    },
  };
}
