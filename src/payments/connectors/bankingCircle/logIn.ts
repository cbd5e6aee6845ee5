import { basicAuth } from "../basicAuth.js";
import { bearerSession } from "../bearerSession.js";
import type { Http, Session } from "../connector.js";
import { textAt } from "../json.js";
import type { BankingCircleConfig } from "./bankingCircle.js";

export async function logIn(
  http: Http,
  { username, password, authorizationEndpoint }: BankingCircleConfig,
): Promise<Session> {
  const { value } = await http.json({
    path: `${authorizationEndpoint}/api/v1/authorizations/authorize`,
    headers: { authorization: basicAuth(username, password) },
  });
  return bearerSession(textAt(value, "access_token"), textAt(value, "expires_in"));
}
