import { startUpstream, type TestUpstream } from "../auth/upstream.js";
import { startTestApp, type TestApp } from "../support/app.js";

/** Where browsers find Florin, given the `hosts`. */
export const FLORIN = "http://florin.test";

/** A server where people log in, and the issuer above it, which knows Ada and Bob. */
export async function startWithLogins(): Promise<{
  app: TestApp;
  upstream: TestUpstream;
  hosts: string[];
}> {
  const upstream = await startUpstream({ redirectUri: `${FLORIN}/api/auth/authorize/callback` });
  upstream.accounts.set("bob", { email: "bob@example.com", email_verified: true });
  const app = await startTestApp({
    DELEGATED_ISSUER: upstream.issuer,
    DELEGATED_CLIENT_ID: upstream.clientId,
    DELEGATED_CLIENT_SECRET: upstream.clientSecret,
  });
  return { app, upstream, hosts: [`florin.test 127.0.0.1:${app.port}`] };
}

/** A public client with the scopes of the ledger, made as an administrator makes it. */
export async function makePublicClient(app: TestApp, home: string): Promise<string> {
  const token = await app.token();
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${app.url}/api/auth${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text === "" ? undefined : JSON.parse(text).data;
  };
  const { id } = await ask("POST", "/clients", {
    name: "the application",
    public: true,
    redirectUris: [home],
    postLogoutRedirectUris: [home],
  });
  const scopes: { id: string; label: string }[] = await ask("GET", "/scopes");
  const write = scopes.find(({ label }) => label === "ledger:write");
  await ask("PUT", `/clients/${id}/scopes/${write?.id}`);
  return id;
}
