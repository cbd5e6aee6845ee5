import { logIn } from "../startAuth.js";

/** A running server, and the unrestricted client's token for it. */
export interface Managed {
  readonly url: string;
  readonly good: string;
}

/** Sends "PUT /clients/a", and a body, to the management of clients and scopes; answers its data. */
export async function manage<T>({ url, good }: Managed, target: string, body?: object): Promise<T> {
  const [method = "", path = ""] = target.split(" ");
  const response = await fetch(`${url}/api/auth${path}`, {
    method,
    headers: { authorization: `Bearer ${good}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`);
  return text === "" ? (undefined as T) : JSON.parse(text).data;
}

export interface ClientWish {
  readonly id: string;
  readonly public?: boolean;
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly trusted?: boolean;
  /** Labels of scopes to attach; they are made if there are none. */
  readonly scopes?: readonly string[];
}

export interface MadeClient {
  readonly id: string;
  /** "" for a public client. */
  readonly secret: string;
}

export async function makeClient(
  server: Managed,
  { scopes = [], ...wish }: ClientWish,
): Promise<MadeClient> {
  const { id } = await manage<{ id: string }>(server, "POST /clients", { name: wish.id, ...wish });
  const path = `/clients/${encodeURIComponent(id)}`;
  for (const label of scopes) {
    await manage(server, `PUT ${path}/scopes/${await scopeId(server, label)}`);
  }
  if (wish.public) return { id, secret: "" };
  const made = await manage<{ clear: string }>(server, `POST ${path}/secrets`, { name: "s" });
  return { id, secret: made.clear };
}

async function scopeId(server: Managed, label: string): Promise<string> {
  const scopes = await manage<{ id: string; label: string }[]>(server, "GET /scopes");
  const known = scopes.find((scope) => scope.label === label);
  return (known ?? (await manage<{ id: string }>(server, "POST /scopes", { label }))).id;
}

/** A machine's access token for a client; `scope` as it asks for it. */
export const machineToken = (server: Managed, { id, secret }: MadeClient, scope?: string) =>
  logIn(`${server.url}/api/auth`, {
    client_id: id,
    client_secret: secret,
    ...(scope !== undefined && { scope }),
  });
