import { basicAuth } from "../basicAuth.js";
import { bearerSession } from "../bearerSession.js";
import type { ClientConfig } from "../clientConfig.js";
import type { Http, Session } from "../connector.js";
import { textAt } from "../json.js";

/** OAuth 2: the client's credentials for a token. */
export async function logIn(http: Http, { clientId, apiKey }: ClientConfig): Promise<Session> {
  const { value } = await http.json({
    method: "POST",
    path: "/v2.01/oauth/token",
    headers: {
      authorization: basicAuth(clientId, apiKey),
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
    isRepeatable: true,
  });
  return bearerSession(textAt(value, "access_token"), textAt(value, "expires_in"));
}
