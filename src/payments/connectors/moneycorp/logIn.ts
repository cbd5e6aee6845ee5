import { bearerSession } from "../bearerSession.js";
import type { ClientConfig } from "../clientConfig.js";
import type { Http, Session } from "../connector.js";
import { textAt } from "../json.js";

export async function logIn(http: Http, { clientId, apiKey }: ClientConfig): Promise<Session> {
  const { value } = await http.json({
    method: "POST",
    path: "/login",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ loginId: clientId, apiKey }),
    isRepeatable: true,
  });
  return bearerSession(textAt(value, "data", "accessToken"), textAt(value, "data", "expiresIn"));
}
