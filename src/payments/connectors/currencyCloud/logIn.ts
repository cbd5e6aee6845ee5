import { type Http, ProviderError, type Session } from "../connector.js";
import { textAt } from "../json.js";
import type { CurrencyCloudConfig } from "./currencyCloud.js";

/** Tokens die when nobody has used them for 30 minutes. */
const LIFETIME_S = 25 * 60;

export async function logIn(
  http: Http,
  { loginId, apiKey }: Pick<CurrencyCloudConfig, "loginId" | "apiKey">,
): Promise<Session> {
  const request = {
    ...({ method: "POST", path: "/v2/authenticate/api", isRepeatable: true } as const),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: String(new URLSearchParams({ login_id: loginId, api_key: apiKey })),
  };
  const { value } = await http.json(request).catch((error: unknown) => {
    if (!(error instanceof ProviderError)) throw error;
    const { status, body, message } = error;
    const reason = status === null ? message : `unexpected status code: ${status}`;
    throw new ProviderError(`failed to initiate client: ${reason}`, { status, body, cause: error });
  });
  const token = textAt(value, "auth_token");
  if (token === "") throw new ProviderError("failed to initiate client: answered no auth_token");
  return { headers: { "x-auth-token": token }, seconds: LIFETIME_S };
}
