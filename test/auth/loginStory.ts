import { createHash } from "node:crypto";
import type { Db } from "../../src/db/database.js";
import { testDb } from "../support/database.js";
import { testLog } from "../support/log.js";
import { type AuthOverrides, defineScope, PUBLIC_URL, serve, startAuth } from "./startAuth.js";
import { startUpstream, type TestUpstreamOptions } from "./upstream.js";
import { type Answer, newVisitor, type Visitor } from "./visitor.js";

/** An application without a secret, where people log in. */
export const APP = { id: "app", redirectUri: "https://app.example.com/back" };

const ISSUER = `${PUBLIC_URL}/api/auth`;
const CALLBACK = `${ISSUER}/authorize/callback`;

const VERIFIER = "a-verifier-of-PKCE-with-more-than-forty-three-characters";

/** Florin, the issuer above it, and an application below it. */
export async function startStory(
  options: Partial<TestUpstreamOptions> = {},
  overrides: AuthOverrides = {},
  given?: Db,
) {
  const [db, log] = [given ?? (await testDb()), testLog()];
  const upstream = await startUpstream({ redirectUri: CALLBACK, ...options });
  const auth = await startAuth(db, { upstream, logger: log.logger, ...overrides });
  const root = await serve(auth);
  await db("clients").insert({
    id: APP.id,
    name: APP.id,
    public: true,
    redirect_uris: [APP.redirectUri],
    post_logout_redirect_uris: [APP.redirectUri],
  });
  const scope_id = await defineScope(db, "ledger:read");
  await db("client_scopes").insert({ client_id: APP.id, scope_id });

  const places = [ISSUER, upstream.issuer];
  const follow = (visitor: Visitor, url: string) => visitor.follow(url, ...places);

  return {
    db,
    log,
    upstream,
    root,
    follow,
    newBrowser: () => newVisitor({ [PUBLIC_URL]: root.replace(/\/api\/auth$/, "") }),

    /** From the application to wherever the browser ends up: the form, or back at the application. */
    ask: (visitor: Visitor, parameters: Record<string, string> = {}) =>
      follow(visitor, authorizationUrl(parameters)),

    /** Fills in the form that `ask` ended at; ends up at `until`, or back at the application. */
    async submit(visitor: Visitor, form: Answer, name = "ada", until = places): Promise<Answer> {
      const submitted = await visitor.post(form.url.href, { name });
      const next = new URL(submitted.headers.get("location") ?? "", form.url);
      return visitor.follow(next.href, ...until);
    },

    /** The browser at Florin's door, on its way back from the form, before it goes in. */
    async comeBack(visitor: Visitor, form: Answer, name?: string): Promise<string> {
      return (await this.submit(visitor, form, name, [upstream.issuer])).url.href;
    },

    /** All of it: back at the application. */
    async logIn(
      visitor: Visitor,
      name?: string,
      parameters?: Record<string, string>,
    ): Promise<URL> {
      const form = await this.ask(visitor, parameters);
      return (await this.submit(visitor, form, name)).url;
    },

    /** What the application gets for the code in `url`. */
    async exchange(url: URL): Promise<Tokens> {
      const body = new URLSearchParams({
        grant_type: "authorization_code",
        client_id: APP.id,
        redirect_uri: APP.redirectUri,
        code: url.searchParams.get("code") ?? "",
        code_verifier: VERIFIER,
      });
      const response = await fetch(`${root}/oauth/token`, { method: "POST", body });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as Tokens;
    },
  };
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token?: string;
}

export const authorizationUrl = (parameters: Record<string, string> = {}): string =>
  `${ISSUER}/authorize?${new URLSearchParams({
    client_id: APP.id,
    redirect_uri: APP.redirectUri,
    response_type: "code",
    scope: "openid email offline_access ledger:read",
    state: "of the application",
    code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    code_challenge_method: "S256",
    ...parameters,
  })}`;
