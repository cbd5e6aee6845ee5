import { createHash, randomUUID } from "node:crypto";
import type { Auth } from "../../src/auth/auth.js";
import { loadAuthKeys } from "../../src/auth/keys/authKeys.js";
import { finishInteraction } from "../../src/auth/oidc/interaction.js";
import { createOidcProvider } from "../../src/auth/oidc/provider.js";
import { putLogin } from "../../src/auth/store/users.js";
import type { Db } from "../../src/db/database.js";
import { testDb } from "../support/database.js";
import { keptLogger } from "../support/evidence.js";
import {
  type AuthOverrides,
  CLIENT,
  ENCRYPTION_KEY,
  PUBLIC_URL,
  requestToken,
  serve,
  startAuth,
} from "./startAuth.js";
import { newVisitor, type Visitor } from "./visitor.js";

export const ISSUER = `${PUBLIC_URL}/api/auth`;
/** A public client. */
export const APP = { id: "app", redirectUri: "https://app.example.com/callback?from=florin" };
/** Where `CLIENT`, a confidential one, takes people back. */
export const SHOP_URI = "https://shop.example.com/";
export const LOGGED_OUT = "https://app.example.com/bye";

export const VERIFIER = "a-verifier-that-only-the-application-of-this-browser-knows";
export const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

export type Form = Readonly<Record<string, string>>;

export interface Tokens {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly expires_in: number;
}

export interface Logins {
  readonly db: Db;
  readonly auth: Auth;
  readonly root: string;
  /** Id of a user. */
  readonly maria: string;
  /** A browser that knows where the issuer is. */
  visit(): Visitor;
  /** Where a login of `APP` for an `openid` begins, but for `changes`; undefined takes a parameter out. */
  authorizeUrl(changes?: Readonly<Record<string, string | undefined>>): string;
  /** Takes a browser through an authorization request, in which `account` logs in if anybody must; answers where it leads. */
  authorize(
    visitor: Visitor,
    changes?: Readonly<Record<string, string | undefined>>,
    account?: string,
  ): Promise<URL>;
  /** A code for `APP`, of a browser of its own. */
  code(changes?: Readonly<Record<string, string | undefined>>): Promise<string>;
  /** Asks the token endpoint as `APP` to exchange a code. */
  exchange(code: string, changes?: Form): Promise<Response>;
  refresh(token: string | undefined, changes?: Form): Promise<Response>;
  /** Logs in at `APP`. */
  tokens(changes?: Readonly<Record<string, string | undefined>>): Promise<Tokens>;
}

/** Auth with people who log in, and whom the issuer upstream has always just told apart. */
export async function startLogins(overrides: AuthOverrides = {}): Promise<Logins> {
  const db = await testDb();
  const upstream = { issuer: "http://127.0.0.1:1", clientId: "florin", clientSecret: "secret" };
  const auth = await startAuth(db, { upstream, ...overrides });
  const root = await serve(auth);
  await putClients(db);
  const maria = await putPerson(db, "maria@example.com");
  // Whichever process a browser comes back to finishes its login: this is another one.
  const provider = createOidcProvider({
    db,
    issuer: ISSUER,
    audience: `${PUBLIC_URL}/api`,
    keys: await loadAuthKeys(db, [ENCRYPTION_KEY]),
    encryptionKeys: [ENCRYPTION_KEY],
    hasLogins: true,
    isStrict: false,
    onGrantRevoked() {},
    logger: keptLogger(),
  });

  const logins: Logins = {
    db,
    auth,
    root,
    maria,
    visit: () => newVisitor({ [ISSUER]: root }),
    authorizeUrl(changes = {}) {
      const parameters = Object.entries({
        client_id: APP.id,
        redirect_uri: APP.redirectUri,
        response_type: "code",
        scope: "openid",
        state: "the state",
        code_challenge: CHALLENGE,
        code_challenge_method: "S256",
        ...changes,
      }).filter((it): it is [string, string] => it[1] !== undefined);
      return `${ISSUER}/authorize?${new URLSearchParams(parameters)}`;
    },
    async authorize(visitor, changes, account = maria) {
      const { url, response } = await visitor.follow(
        logins.authorizeUrl(changes),
        `${ISSUER}/authorize`,
      );
      if (response !== null) throw new Error(`${response.status} ${await response.text()}`);
      const uid = /\/login\/([\w-]+)$/.exec(url.pathname)?.[1];
      if (!url.href.startsWith(ISSUER) || uid === undefined) return url;
      const next = await finishInteraction(provider, uid, { login: { accountId: account } });
      if (next === null) throw new Error("there was no interaction");
      return (await visitor.follow(next, `${ISSUER}/authorize`)).url;
    },
    async code(changes) {
      const url = await logins.authorize(logins.visit(), changes);
      const code = url.searchParams.get("code");
      if (code === null) throw new Error(`no code: ${url}`);
      return code;
    },
    exchange: (code, changes = {}) =>
      requestToken(root, {
        grant_type: "authorization_code",
        client_id: APP.id,
        redirect_uri: APP.redirectUri,
        code_verifier: VERIFIER,
        code,
        ...changes,
      }),
    refresh: (token, changes = {}) =>
      requestToken(root, {
        grant_type: "refresh_token",
        client_id: APP.id,
        refresh_token: String(token),
        ...changes,
      }),
    tokens: async (changes) => toTokens(await logins.exchange(await logins.code(changes))),
  };
  return logins;
}

/** What a successful token request answers. */
export async function toTokens(response: Response): Promise<Tokens> {
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as Tokens;
}

/** "400 invalid_grant", or "200". */
export async function outcomeOf(asked: Response | Promise<Response>): Promise<string> {
  const response = await asked;
  const { error } = (await response.json()) as { error?: string };
  return error === undefined ? `${response.status}` : `${response.status} ${error}`;
}

/** How long the one record of a kind still lives. */
export async function secondsLeft(db: Db, kind: string): Promise<number> {
  const left = db.raw("extract(epoch from expires_at - now())::float as left");
  const records = await db("oidc_records").where({ kind }).select(left);
  if (records.length !== 1) throw new Error(`${records.length} records`);
  return records[0].left;
}

export const putPerson = (db: Db, email: string): Promise<string> =>
  putLogin(db, {
    issuer: "https://login.example.com",
    subject: randomUUID(),
    email,
    isEmailVerified: true,
  });

/** Makes `APP`, and lets `CLIENT` log people in. */
async function putClients(db: Db): Promise<void> {
  await db("clients")
    .where({ id: CLIENT.id })
    .update({ redirect_uris: [SHOP_URI] });
  await putApp(db);
}

export async function putApp(db: Db): Promise<void> {
  await db("clients").insert({
    id: APP.id,
    name: "App",
    public: true,
    redirect_uris: [APP.redirectUri],
    post_logout_redirect_uris: [LOGGED_OUT],
  });
}
