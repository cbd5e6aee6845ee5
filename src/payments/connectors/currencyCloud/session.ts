import type { Json } from "../../../lib/parseJson.js";
import type { Clock, Micros } from "../../../lib/time.js";
import { type Http, ProviderError } from "../connector.js";
import { memberOf, textOf } from "../json.js";

export interface CurrencyCloudCredentials {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly loginID: string;
  readonly apiKey: string;
}

export interface Session {
  /** The JSON there. Logs in if need be, and once more if the token has died. */
  get(path: string): Promise<Json>;
}

interface SessionParts {
  readonly http: Http;
  readonly config: CurrencyCloudCredentials;
  readonly clock: Clock;
}

/** The provider does not let us in. It locks those out who try again and again. */
export class LoginRefused extends ProviderError {}

/** Tokens die after 30 minutes in which nobody has used them. */
const IDLE: Micros = 25n * 60n * 1_000_000n;

/** The tokens of this process, kept from run to run: a provider bears few logins. */
const tokens = new Map<string, { readonly token: string; usedAt: Micros }>();

const keyOf = ({ endpoint, loginID, apiKey }: CurrencyCloudCredentials): string =>
  JSON.stringify([endpoint, loginID, apiKey]);

/** The next session logs in anew. */
export function forgetToken(credentials: CurrencyCloudCredentials): void {
  tokens.delete(keyOf(credentials));
}

export function openSession({ http, config, clock }: SessionParts): Session {
  const key = keyOf(config);

  /** A token that was good, or null. */
  function knownToken(): string | null {
    const known = tokens.get(key);
    if (known === undefined || clock() - known.usedAt > IDLE) return null;
    known.usedAt = clock();
    return known.token;
  }

  async function newToken(): Promise<string> {
    const token = await logIn(http, config);
    for (const [other, { usedAt }] of tokens) if (clock() - usedAt > IDLE) tokens.delete(other);
    tokens.set(key, { token, usedAt: clock() });
    return token;
  }

  const send = async (path: string, token: string): Promise<Json> =>
    (await http.json({ path, headers: { "x-auth-token": token } })).value;

  return {
    async get(path) {
      try {
        return await send(path, knownToken() ?? (await newToken()));
      } catch (error) {
        if (error instanceof LoginRefused || statusOf(error) !== 401) throw error;
        forgetToken(config);
        return send(path, await newToken());
      }
    },
  };
}

async function logIn(http: Http, { loginID, apiKey }: CurrencyCloudCredentials): Promise<string> {
  const request = {
    ...({ method: "POST", path: "/v2/authenticate/api", isRepeatable: true } as const),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: String(new URLSearchParams({ login_id: loginID, api_key: apiKey })),
  };
  const { value } = await http.json(request).catch((error: unknown) => {
    if (!(error instanceof ProviderError)) throw error;
    const { status } = error;
    const reason = status === null ? error.message : `unexpected status code: ${status}`;
    const isRefusal = status !== null && status < 500 && status !== 408 && status !== 429;
    const Kind = isRefusal ? LoginRefused : ProviderError;
    throw new Kind(`failed to initiate client: ${reason}`, { status, cause: error });
  });
  const token = textOf(memberOf(value, "auth_token"));
  if (token === "") throw new ProviderError("failed to initiate client: answered no auth_token");
  return token;
}

const statusOf = (error: unknown): number | null =>
  error instanceof ProviderError ? error.status : null;
