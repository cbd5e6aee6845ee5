import { createHash, randomBytes } from "node:crypto";
import { startUpstream, type TestUpstream } from "../upstream.js";
import { newVisitor, type Visitor } from "../visitor.js";
import { HOME } from "./elsewhere.js";
import { type Forge, startForge } from "./forge.js";
import { type ClientWish, type MadeClient, makeClient } from "./manage.js";
import { post, versions } from "./send.js";

export const ISSUER = "http://florin.test/api/auth";

export interface House extends Forge {
  readonly upstream: TestUpstream;
  /** A browser that finds Florin and the upstream issuer. */
  newVisitor(): Visitor;
}

/** A server where people log in, through an issuer that knows Ada and Bob. */
export async function startHouse(): Promise<House> {
  const redirectUri = `${ISSUER}/authorize/callback`;
  const upstream = await startUpstream({ redirectUri });
  upstream.accounts.set("bob", { email: "bob@example.com", email_verified: true });
  const server = await startForge({
    TRUST_PROXY: "1",
    DELEGATED_ISSUER: upstream.issuer,
    DELEGATED_CLIENT_ID: upstream.clientId,
    DELEGATED_CLIENT_SECRET: upstream.clientSecret,
  });
  const visitor = () => newVisitor({ "http://florin.test": server.url });
  return { ...server, upstream, newVisitor: visitor };
}

/** A client that people can log in at. */
export const makeApp = (house: House, wish: ClientWish): Promise<MadeClient> =>
  makeClient(house, {
    redirectUris: [HOME],
    postLogoutRedirectUris: [HOME],
    scopes: ["ledger:write"],
    ...wish,
  });

export const newVerifier = (): string => randomBytes(32).toString("base64url");

export const challengeOf = (verifier: string): string =>
  createHash("sha256").update(verifier).digest("base64url");

/** The URL that a login at a client begins with; undefined takes a parameter out. */
export function authorizationUrl(
  { id }: MadeClient,
  change: Readonly<Record<string, string | undefined>>,
): string {
  const parameters = {
    client_id: id,
    redirect_uri: HOME,
    response_type: "code",
    scope: "openid email offline_access ledger:read ledger:write",
    state: "a state",
    ...change,
  };
  const given = Object.entries(parameters).filter(
    (it): it is [string, string] => it[1] !== undefined,
  );
  return `${ISSUER}/authorize?${new URLSearchParams(given)}`;
}

/** Follows redirects between Florin and the upstream issuer, and fills in its form; answers where that led. */
export async function browse(
  { upstream }: House,
  visitor: Visitor,
  start: string,
  name = "ada",
): Promise<{ url: URL; response: Response | null }> {
  const through = [ISSUER, upstream.issuer];
  const first = await visitor.follow(start, ...through);
  if (!first.url.pathname.startsWith("/form/")) return first;
  const submitted = await visitor.post(first.url.href, { name });
  const location = submitted.headers.get("location");
  if (location === null) return { url: first.url, response: submitted };
  return visitor.follow(new URL(location, first.url).href, ...through);
}

/** A code for a client, as its address gets it after a login. */
export async function newCode(
  house: House,
  client: MadeClient,
  {
    verifier,
    visitor = house.newVisitor(),
    name = "ada",
    ...change
  }: { verifier?: string; visitor?: Visitor; name?: string; scope?: string } = {},
): Promise<string> {
  const pkce =
    verifier === undefined
      ? {}
      : { code_challenge: challengeOf(verifier), code_challenge_method: "S256" };
  const { url, response } = await browse(
    house,
    visitor,
    authorizationUrl(client, { ...pkce, ...change }),
    name,
  );
  const code = url.href.startsWith(`${HOME}?`) ? url.searchParams.get("code") : null;
  if (code === null) throw new Error(`no code: ${url} ${response && (await response.text())}`);
  return code;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
}

const SENDERS = Object.values(versions);
let requests = 0;

/** Posts to the token endpoint as a client does, by both versions of HTTP in turn, each time from another address. */
async function askForTokens(
  { port }: House,
  { id, secret }: MadeClient,
  form: Readonly<Record<string, string | undefined>>,
): Promise<{ status: number; body: Record<string, string> }> {
  requests += 1;
  const send = SENDERS[requests % SENDERS.length] ?? versions["HTTP/1.1"];
  const all = { client_id: id, ...(secret !== "" && { client_secret: secret }), ...form };
  const given = Object.entries(all).filter((it): it is [string, string] => it[1] !== undefined);
  const from = { "x-forwarded-for": `10.1.${requests >> 8}.${requests & 255}` };
  const answer = await send(port, post("/oauth/token", Object.fromEntries(given), from));
  return { status: answer.status, body: JSON.parse(answer.body) };
}

export const exchange = (
  house: House,
  client: MadeClient,
  form: Readonly<Record<string, string | undefined>>,
) =>
  askForTokens(house, client, {
    grant_type: "authorization_code",
    redirect_uri: HOME,
    ...form,
  });

export const refresh = (
  house: House,
  client: MadeClient,
  refresh_token: string,
  form: Readonly<Record<string, string | undefined>> = {},
) => askForTokens(house, client, { grant_type: "refresh_token", refresh_token, ...form });

/** The tokens of a person who has logged in at a client. */
export async function logInAt(
  house: House,
  client: MadeClient,
  options: { visitor?: Visitor; name?: string; scope?: string } = {},
): Promise<Tokens> {
  const verifier = newVerifier();
  const code = await newCode(house, client, { ...options, verifier });
  const { status, body } = await exchange(house, client, { code, code_verifier: verifier });
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as unknown as Tokens;
}
