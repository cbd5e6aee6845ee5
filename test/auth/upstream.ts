import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { createMemoryAdapter } from "oidc-provider/lib/adapters/memory_adapter.js";
import { Provider } from "oidc-provider/lib/provider.js";
import { onTestFinished } from "vitest";
import type { UpstreamIssuer } from "../../src/auth/login/upstream.js";

/** A person who has an account at the upstream issuer; the name in the login form is its id there. */
export interface Account {
  readonly email?: string;
  readonly email_verified?: boolean;
}

export interface TestUpstream extends UpstreamIssuer {
  readonly accounts: Map<string, Account>;
  /** Queries of the authorization requests that came, oldest first. */
  readonly asked: URLSearchParams[];
  /** Runs around every answer, and may change it. */
  tamper: (context: TamperedAnswer, next: () => Promise<void>) => Promise<void>;
  /** Signs an ID token as the issuer would, or with a key of which it knows nothing. */
  sign(claims: Record<string, unknown>, by?: "issuer" | "stranger"): Promise<string>;
  /** From now on the issuer signs with the stranger's key, and publishes that. */
  rotateKeys(): void;
  stop(): Promise<void>;
}

/** An answer of the issuer, on its way out. */
export interface TamperedAnswer {
  readonly path: string;
  /** A header of the request; "" if it has none such. */
  get(header: string): string;
  status: number;
  body: unknown;
}

export interface TestUpstreamOptions {
  /** Where Florin takes people back. */
  readonly redirectUri: string;
  /** How Florin proves who it is. */
  readonly authMethod?: "client_secret_basic" | "client_secret_post";
  /** Whether the ID token tells the e-mail address; UserInfo always does. */
  readonly isEmailInIdToken?: boolean;
}

const CLIENT = { clientId: "florin", clientSecret: "a secret that Florin has at its upstream" };

/** An OpenID Connect issuer on loopback, with a login form, and with Florin as its one client. */
export async function startUpstream(options: TestUpstreamOptions): Promise<TestUpstream> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [own, strange] = await keys();
  const stop = async () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(stop);

  const upstream: TestUpstream = {
    ...CLIENT,
    issuer,
    accounts: new Map([["ada", { email: "ada@example.com", email_verified: true }]]),
    asked: [],
    tamper: (_, next) => next(),
    sign: (claims, by = "issuer") =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: "upstream" })
        .sign((by === "issuer" ? own : strange).privateKey),
    rotateKeys() {
      const change = changeIdToken(upstream, (claims) => claims, "stranger");
      upstream.tamper = async (context, next) => {
        await change(context, next);
        if (context.path === "/jwks") context.body = { keys: [strange.publicJwk] };
      };
    },
    stop,
  };
  const provider = createProvider(upstream, own.jwk, options);
  const serve = provider.callback();
  server.on("request", async (request, response) => {
    const url = new URL(request.url ?? "", issuer);
    if (url.pathname === "/auth") upstream.asked.push(url.searchParams);
    if (url.pathname.startsWith("/form/")) await serveForm(provider, upstream, request, response);
    else await serve(request, response);
  });
  return upstream;
}

/** A tamperer that changes the claims of ID tokens. */
export const changeIdToken =
  (
    upstream: TestUpstream,
    change: (claims: JWTPayload) => Record<string, unknown>,
    by?: "stranger",
  ) =>
  async (context: TamperedAnswer, next: () => Promise<void>): Promise<void> => {
    await next();
    const body = context.body as { id_token?: string } | undefined;
    if (context.path !== "/token" || !body?.id_token) return;
    body.id_token = await upstream.sign(change(decodeJwt(body.id_token)), by);
  };

/** Made once for all tests of a file: it takes long. */
const keys = () => (made ??= Promise.all([newKey(), newKey()]));
let made: Promise<[Key, Key]> | undefined;

type Key = Awaited<ReturnType<typeof newKey>>;

async function newKey() {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: "upstream" };
  const jwk = { ...(await exportJWK(privateKey)), kid: "upstream", alg: "RS256", use: "sig" };
  return { privateKey, jwk, publicJwk };
}

function createProvider(
  upstream: TestUpstream,
  key: object,
  {
    redirectUri,
    authMethod = "client_secret_basic",
    isEmailInIdToken = false,
  }: TestUpstreamOptions,
): Provider {
  const provider = new Provider(upstream.issuer, {
    adapter: createMemoryAdapter(),
    clients: [
      {
        client_id: upstream.clientId,
        client_secret: upstream.clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: authMethod,
      },
    ],
    clientAuthMethods: [authMethod],
    jwks: { keys: [key] },
    cookies: { keys: ["upstream"] },
    claims: { openid: ["sub", "auth_time"], email: ["email", "email_verified"] },
    conformIdTokenClaims: !isEmailInIdToken,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/form/${uid}` },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, ...upstream.accounts.get(accountId) }),
    }),
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({
        clientId: client.clientId,
        accountId: session.accountId,
      });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
    ttl: { Session: 3600, Grant: 3600, Interaction: 3600, IdToken: 3600, AccessToken: 3600 },
  });
  provider.use((context, next) => upstream.tamper(context, next));
  return provider;
}

/** The form asks for a name, and can be cancelled. */
async function serveForm(
  provider: Provider,
  { accounts }: TestUpstream,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "POST") {
    const form = new URLSearchParams(await text(request));
    const accountId = form.get("name") ?? "";
    await provider.interactionFinished(
      request,
      response,
      accounts.has(accountId)
        ? { login: { accountId } }
        : { error: "access_denied", error_description: `no "${accountId}" here` },
    );
    return;
  }
  response.setHeader("Content-Type", "text/html");
  response.end(`<!doctype html><title>Upstream</title><h1>Who are you?</h1>
    <form method="post"><label>Name <input name="name" autofocus></label> <button>Log in</button></form>`);
}
