import { Code, ConnectError } from "@connectrpc/connect";

/** Where the token of a call comes from. */
export interface Tokens {
  /** The token to send; null for none. */
  current(): Promise<string | null>;
  /** Tells that the server refused `token`, so that it is not sent again if another can be had. */
  refuse(token: string | null): void;
}

/** Tokens of the caller's own making. A TypeError is what fetch says where the network failed. */
export const callersTokens = (getToken: () => string | null | Promise<string | null>): Tokens => ({
  async current() {
    try {
      return await getToken();
    } catch (cause) {
      const code = cause instanceof TypeError ? Code.Unavailable : Code.Unauthenticated;
      const message = `no token: ${cause instanceof Error ? cause.message : cause}`;
      throw new ConnectError(message, code, undefined, undefined, cause);
    }
  },
  refuse() {},
});

/** What a machine client needs to log in. */
interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Grant {
  readonly token: string;
  /** Milliseconds since the Unix epoch. */
  readonly renewAt: number;
}

const TOKEN_TIMEOUT_MS = 10_000;
const LONGEST_MARGIN_MS = 60_000;

/**
 * Tokens of the OAuth 2 client credentials grant: fetched at the first call, once for concurrent calls, and again when
 * nine tenths of their life are over (a minute before its end, if that is later). A failed fetch is not remembered.
 */
export function clientCredentialsTokens(
  credentials: ClientCredentials,
  now: () => number = Date.now,
): Tokens {
  let grant: Grant | null = null;
  let fetching: Promise<Grant> | null = null;

  async function renew(): Promise<Grant> {
    try {
      grant = await fetchGrant(credentials, now());
      return grant;
    } finally {
      fetching = null;
    }
  }

  return {
    async current() {
      if (grant !== null && now() < grant.renewAt) return grant.token;
      fetching ??= renew();
      return (await fetching).token;
    },
    refuse(token) {
      if (grant?.token === token) grant = null;
    },
  };
}

/** The token that client credentials earn at `tokenUrl` (RFC 6749, 4.4). */
async function fetchGrant(credentials: ClientCredentials, askedAt: number): Promise<Grant> {
  const { response, answer } = await askForToken(credentials);
  if (!response.ok) {
    const reason = [answer?.["error"], answer?.["error_description"]].filter(Boolean).join(": ");
    const code =
      response.status === 429 || response.status >= 500 ? Code.Unavailable : Code.Unauthenticated;
    const pause = response.headers.get("Retry-After");
    const headers = pause === null ? {} : { "Retry-After": pause };
    const message = reason || `HTTP ${response.status} from ${credentials.tokenUrl}`;
    throw new ConnectError(`no token: ${message}`, code, headers);
  }
  const token = answer?.["access_token"];
  if (typeof token !== "string") {
    throw new ConnectError(`no token: ${credentials.tokenUrl} answers without one`, Code.Internal);
  }
  // RFC 6749 lets a server leave the lifetime out: such a token serves until it is refused.
  const lifetimeMs = Number(answer?.["expires_in"] ?? Number.POSITIVE_INFINITY) * 1000;
  return { token, renewAt: askedAt + lifetimeMs - Math.min(lifetimeMs / 10, LONGEST_MARGIN_MS) };
}

async function askForToken(credentials: ClientCredentials) {
  const { tokenUrl, clientId, clientSecret } = credentials;
  try {
    const response = await fetch(tokenUrl, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
      }),
      signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
    });
    return { response, answer: parseObject(await response.text()) };
  } catch (cause) {
    const message = `no token: cannot reach ${tokenUrl}: ${whyNot(cause)}`;
    throw new ConnectError(message, Code.Unavailable, undefined, undefined, cause);
  }
}

/** What fetch failed for: on Node a code, such as "ECONNREFUSED" or "DEPTH_ZERO_SELF_SIGNED_CERT". */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}

/** The object that `text` is in JSON; null if it is none: the page of a proxy, say. */
function parseObject(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
